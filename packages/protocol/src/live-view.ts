import type { GalleryItem, Lessons } from "@tandem/core/strategy";
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

export type GalleryView = {
  readonly round: number;
  readonly classes: readonly string[];
  readonly imageSize: number;
  /** Its pictures, as `RoundView` names them. */
  readonly pictures: string;
  /** The PNG sheet at `sheet` has this many pictures a row. */
  readonly columns: number;
  readonly sheet: string;
  /** The same in parts of so many pictures, in turn. */
  readonly partSize: number;
  readonly parts: readonly SheetView[];
  readonly items: readonly GalleryItem[];
  /** A row of pictures for each of `rounds`, on a sheet of their own; its first and last: `&row=base`, `&row=latest`. */
  readonly lessons?: Omit<Lessons, "images"> &
    Pick<GalleryView, "columns" | "sheet"> & { readonly rowColumns: number };
};

/** Address of a PNG of so many pictures, so many a row. */
export type SheetView = {
  readonly sheet: string;
  readonly columns: number;
  readonly count: number;
};
