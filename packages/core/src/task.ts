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
  /** Turns pictures into features on which heads train; absent: models read the pictures. */
  readonly backbone?: BackboneReference;
  /** Reads pictures in place of our own encoders, and is trained by every participant; no backbone then. */
  readonly encoder?: EncoderReference;
};

/** How a pixel of 0 to 255 is fed: as it is, in [0, 1] or [-1, 1], or less ImageNet's mean, by its deviation. */
export const normalisations = ["0..255", "0..1", "-1..1", "imagenet"] as const;
export type Normalisation = (typeof normalisations)[number];

/** A frozen tfjs model by its files, as it has been checked (docs/backbones.md). */
export type BackboneReference = {
  /** Of its model.json: an https address, or a path on this server. */
  readonly url: string;
  /** SHA-256 of model.json and the weight files, one after the other. */
  readonly sha256: string;
  /** Whose output the features are; absent: the model's. */
  readonly layer?: string;
  readonly normalisation: Normalisation;
  /** Height and width that it is fed, pixels. */
  readonly size: number;
  /** How many numbers it makes of a picture. */
  readonly features: number;
};

/** A LayersModel that is trained from the weights in its files, as it has been checked. */
export type EncoderReference = BackboneReference & {
  /** How many numbers of it are trained. */
  readonly parameters: number;
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
