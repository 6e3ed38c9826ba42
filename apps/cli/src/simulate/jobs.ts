import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { TandemError } from "@tandem/core/errors";
import type { FromSimulation, Measured, SimulationJob } from "./process";

/**
 * Simulates in a process of its own. Aborting ends it at once and rejects with `cancelled`; whatever
 * goes wrong in it rejects with the last of what it printed.
 */
export function simulateApart(
  job: SimulationJob,
  options: { readonly signal: AbortSignal; readonly note: (text: string) => void },
): Promise<Measured> {
  const { signal, note } = options;
  signal.throwIfAborted();
  const child = fork(fileURLToPath(new URL("./process.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk) => {
      output = `${output}${chunk}`.slice(-2000);
    });
  // Its teacher notices that it is alone, and ends as well.
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill);
  process.once("exit", kill);
  return new Promise<Measured>((resolve, reject) => {
    const fail = (why: string) =>
      reject(
        signal.aborted
          ? new TandemError("cancelled", "stopped")
          : new TandemError("unavailable", `${why}\n${output}`.trim()),
      );
    child.on("message", (message: FromSimulation) => {
      if (message.type === "progress") note(message.note);
      else if (message.type === "done") resolve(message.result);
      else fail(message.message);
    });
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code, by) => fail(`its process ended with ${by ?? code}`));
    child.send(job, (error) => error && fail(`its process took no job: ${error.message}`));
  }).finally(() => {
    signal.removeEventListener("abort", kill);
    process.off("exit", kill);
    if (child.connected) child.disconnect();
  });
}

/** Works through `jobs` in order, `parallel` at a time; takes no further one once aborted. */
export async function inParallel<Job>(
  jobs: readonly Job[],
  options: { readonly parallel: number; readonly signal: AbortSignal },
  work: (job: Job) => Promise<void>,
): Promise<void> {
  const waiting = jobs.values();
  const lane = async () => {
    for (const job of waiting) {
      if (options.signal.aborted) return;
      await work(job);
    }
  };
  await Promise.all(Array.from({ length: options.parallel }, lane));
}
