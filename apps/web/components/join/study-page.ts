import type { ExperimentStatus } from "@tandem/core/experiment";

/** What the join page knows of an experiment. */
export type StudyPage = {
  readonly id: string;
  readonly name: string;
  readonly status: ExperimentStatus;
  /** Planned. */
  readonly rounds: number;
  readonly dataset: string;
  readonly hasTeacher: boolean;
  /** Its rounds teach it. */
  readonly isTaught: boolean;
};
