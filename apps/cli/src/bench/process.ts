import { unreachable } from "@tandem/core/errors";
import { type ChildWork, serveJob } from "../harness/child-job";
import { benchAggregation } from "./aggregation";
import type { AggregationJob, AggregationReport } from "./aggregation-report";
import { benchBackbone } from "./backbone";
import type { BackboneJob, BackboneReport } from "./backbone-report";
import {
  benchCheckpointing,
  type CheckpointingJob,
  type CheckpointingReport,
} from "./checkpointing";
import { benchCritic } from "./critic";
import type { CriticJob, CriticReport } from "./critic-report";
import { benchEngines } from "./engine";
import type { EngineJob, EngineReport } from "./engine-report";
import { benchMembership } from "./membership";
import type { MembershipJob, MembershipReport } from "./membership-report";
import { benchTeacher } from "./teacher";
import type { TeacherJob, TeacherReport } from "./teacher-report";

export type BenchJob =
  | EngineJob
  | TeacherJob
  | CheckpointingJob
  | MembershipJob
  | CriticJob
  | AggregationJob
  | BackboneJob;
export type BenchReports = {
  readonly engine: EngineReport;
  readonly teacher: TeacherReport;
  readonly checkpointing: CheckpointingReport;
  readonly membership: MembershipReport;
  readonly critic: CriticReport;
  readonly aggregation: AggregationReport;
  readonly backbone: BackboneReport;
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
    case "membership":
      return benchMembership(job, note);
    case "critic":
      return benchCritic(job, note);
    case "aggregation":
      return benchAggregation(job, note);
    case "backbone":
      return benchBackbone(job, note);
    default:
      return unreachable(job);
  }
};

serveJob(bench);
