import type { ExperimentLabels, ExperimentStatus } from "@tandem/core/experiment";
import type { ExperimentId } from "@tandem/core/ids";
import type { MeasuredOn } from "./view";

/** An experiment as far as a list shows it. */
export type RunRow = Omit<ExperimentLabels, "note"> & {
  readonly id: ExperimentId;
  readonly name: string;
  readonly strategy: string;
  readonly dataset: string;
  readonly seed: number;
  readonly status: ExperimentStatus;
  /** 1-based; 0 before the first. */
  readonly round: number;
  /** All that it has, and those that have ended. */
  readonly rounds: number;
  readonly ended: number;
  /** Who has ever taken part, and who is here. */
  readonly clients: number;
  readonly here: number;
  readonly createdAt: number;
  readonly measuredOn?: MeasuredOn;
  /** Mean over the clients, 0-1: the latest, and some of all rounds, oldest first. */
  readonly accuracy?: number;
  readonly curve: readonly number[];
};

/** Experiments of a group that differ in their seeds alone. */
export type SettingRows = {
  /** What they have that others of the group have not; empty where there are no others. */
  readonly label: string;
  readonly runs: readonly RunRow[];
  readonly mean?: number;
  /** With n - 1, of those that are measured; absent for one. */
  readonly std?: number;
  readonly measured: number;
};

export type ListEntry =
  | { readonly kind: "run"; readonly run: RunRow }
  | { readonly kind: "group"; readonly name: string; readonly settings: readonly SettingRows[] };

export const rowsOf = (entry: ListEntry): readonly RunRow[] =>
  entry.kind === "run" ? [entry.run] : entry.settings.flatMap(({ runs }) => runs);

export const sortColumns = ["name", "status", "rounds", "accuracy", "created"] as const;
export type SortColumn = (typeof sortColumns)[number];

/** A page of what is looked for. */
export type ExperimentListView = {
  readonly entries: readonly ListEntry[];
  /** Experiments that are found, on all pages. */
  readonly found: number;
  /** 1-based. */
  readonly page: number;
  readonly pages: number;
  /** Whether there is any experiment at all, archived ones included. */
  readonly isEmpty: boolean;
  /** What can be filtered by, in order. */
  readonly tags: readonly string[];
  readonly groups: readonly string[];
};
