import { unreachable } from "@tandem/core/errors";
import { type ChildWork, serveJob } from "../harness/child-job";
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
export type Bench = ChildWork<BenchJob, BenchReports[keyof BenchReports]>;

const bench: Bench = (job, note) => {
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
};

serveJob(bench);
