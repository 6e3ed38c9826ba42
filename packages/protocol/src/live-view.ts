import type { ClientView, ExperimentView } from "./view";

/** Accuracy by client and round; `null`: not measured. */
export type ClientCurvesView = {
  readonly rounds: readonly number[];
  readonly clients: readonly (Pick<ClientView, "id" | "name" | "slot" | "modality"> & {
    readonly accuracy: readonly (number | null)[];
  })[];
};

/** The same data in the same places, without federation. */
export type LocalOnlyView = Pick<ExperimentView, "id"> & {
  readonly name: string;
  /** Mean over clients at the end of each round from the first on; null: not measured. */
  readonly accuracy: readonly (number | null)[];
};

/** What the event log tells apart. */
export const eventKinds = {
  people: ["joined", "ready", "left", "gone", "erased", "barred", "readmitted"],
  rounds: [
    "started",
    "paused",
    "resumed",
    "extended",
    "recovered",
    "prepared",
    "published",
    "deadline",
    "aggregated",
    "taught",
    "evaluated",
  ],
  answers: ["uploaded", "late"],
  faults: ["refused", "failed", "broken"],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type EventKind = keyof typeof eventKinds;

export type EventView = {
  readonly at: number;
  /** `left`: the connection was lost; `gone`: for good. */
  readonly type: (typeof eventKinds)[EventKind][number];
  readonly round?: number;
  /** Of the client; absent: it is about no client, or nothing is known of it any more. */
  readonly name?: string;
  /** Of what was refused or has failed. */
  readonly message?: string;
};
/** The latest first; `before`: where the next page begins. */
export type EventLogView = { readonly events: readonly EventView[]; readonly before?: number };
