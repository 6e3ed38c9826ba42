import { setTimeout as sleep } from "node:timers/promises";
import { TandemError } from "@tandem/core/errors";
import { type ChildWork, serveJob } from "../child-job";

export type SmallJob =
  | { readonly kind: "add"; readonly numbers: readonly number[] }
  | { readonly kind: "refuse" | "break" | "die" | "wait" };
export type SmallWork = ChildWork<SmallJob, { readonly sum: number; readonly pid: number }>;

// A process with jobs that end in each way that a job can.
const work: SmallWork = async (job, note) => {
  note(`process ${process.pid}`);
  switch (job.kind) {
    case "add":
      process.kill(process.pid, "SIGINT"); // as a terminal's Ctrl-C does
      await sleep(50);
      for (const number of job.numbers) note(`adding ${number}`);
      return { sum: job.numbers.reduce((a, b) => a + b, 0), pid: process.pid };
    case "refuse":
      throw new TandemError("not-supported", "no such sum: give numbers");
    case "break":
      throw new RangeError("an invariant");
    case "die":
      process.stderr.write("out of memory, perhaps\n");
      process.exit(3);
      break;
    default:
      await sleep(3_600_000);
  }
  throw new Error(`${job.kind} has an end`);
};

serveJob(work);
