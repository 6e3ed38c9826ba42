import { messageOf, unreachable } from "@tandem/core/errors";
import {
  benchCheckpointing,
  type CheckpointingJob,
  type CheckpointingReport,
} from "./checkpointing";
import { benchEngines } from "./engine";
import type { EngineJob, EngineReport } from "./engine-report";
import { benchTeacher } from "./teacher";
import type { TeacherJob, TeacherReport } from "./teacher-report";

export type BenchJob = EngineJob | TeacherJob | CheckpointingJob;
export type BenchReports = {
  readonly engine: EngineReport;
  readonly teacher: TeacherReport;
  readonly checkpointing: CheckpointingReport;
};
export type FromBench =
  | { readonly type: "progress"; readonly note: string }
  | { readonly type: "done"; readonly report: BenchReports[keyof BenchReports] }
  | { readonly type: "failed"; readonly message: string };

// A process of its own: the parent gives the job, and decides when to end.
const send = (message: FromBench) => process.send?.(message);
process.once("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});

function work(job: BenchJob): Promise<BenchReports[keyof BenchReports]> {
  const note = (text: string) => send({ type: "progress", note: text });
  switch (job.kind) {
    case "engine":
      return benchEngines(job, note);
    case "teacher":
      return benchTeacher(job, note);
    case "checkpointing":
      return benchCheckpointing(job, note);
    default:
      return unreachable(job);
  }
}

process.once("message", (job: BenchJob) => {
  work(job).then(
    (report) => send({ type: "done", report }),
    (error: unknown) => send({ type: "failed", message: messageOf(error) }),
  );
});
