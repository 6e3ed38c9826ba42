import type { ClientModality } from "./data";
import type { BlobReference } from "./ids";

/** What a study is about, as data. Parsed by `@tandem/protocol/task`. */
export type Task = {
  readonly name: string;
  readonly description: string;
  readonly classes: readonly TaskClass[];
  /** What participants may hold. */
  readonly modalities: readonly ClientModality[];
  readonly pictures: PictureFormat;
  readonly prompts: Prompts;
  readonly publicLicence: string;
  readonly least: Least;
  readonly organiser: { readonly name: string; readonly contact: string };
  readonly teacher: TaskTeacher;
};

/** `words`: what people call it, the first of them in prompts; its name by default. */
export type TaskClass = { readonly name: string; readonly words: readonly string[] };

export const pictureSizes = [16, 28, 32, 64] as const;
/** Height and width in pixels; grey pictures have three equal channels; `background`: 0-255. */
export type PictureFormat = {
  readonly size: (typeof pictureSizes)[number];
  readonly colour: boolean;
  readonly background: number;
};

/** Class words with each combination of attributes, such as ["red", "blue"], or the public captions. */
export type Prompts =
  | { readonly kind: "words"; readonly attributes: readonly (readonly string[])[] }
  | { readonly kind: "captions" };

/** Samples that a participant must bring: in all, and of each class that it has any of. */
export type Least = { readonly participant: number; readonly class: number };

/**
 * Who paints: a base that Tandem ships (`checkpoint` is a folder of `public/teacher`), a diffusers folder
 * on the server, an images API, a base trained from the public set, or nobody.
 */
export type TaskTeacher =
  | { readonly kind: "none" }
  | { readonly kind: "shipped"; readonly checkpoint: string }
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "remote" }
  | { readonly kind: "trained" };

/** A task as a server keeps it. The sets are `@tandem/protocol/labelled-set` blobs of pairs. */
export type TaskRecord = {
  readonly id: string;
  readonly task: Task;
  /** What the server may use; captions are prompts. Absent: nothing. */
  readonly publicSet?: BlobReference & { readonly size: number };
  /** What every participant's accuracy is measured on; absent: each measures on its own held-out fifth. */
  readonly test?: BlobReference & { readonly size: number };
  readonly createdAt: number;
};

/** Share of a participant's samples of each class that it never trains on. */
export const heldOutShare = 0.2;
/** Fewer held-out samples than this tell too little of an accuracy, and of whose they are. */
export const leastHeldOut = 5;
