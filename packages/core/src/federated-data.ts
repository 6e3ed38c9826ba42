import type { ClientModality } from "./data";
import type { BlobReference } from "./ids";
import type { BackboneReference, EncoderReference, Least, PictureFormat } from "./task";

/** A data set as one experiment uses it: what each place of the cohort receives, or brings. */
export type FederatedData = {
  readonly classes: readonly string[];
  readonly slots: readonly DataSlot[];
  /** The public benchmark; absent: each measures on what it has held out of its own data. */
  readonly test?: BlobReference;
  /** Tokenizer vocabulary as JSON. */
  readonly vocabulary: BlobReference;
  /** Places without a shard bring data of their own; this is what it has to be. */
  readonly own?: OwnDataTerms;
};

export type OwnDataTerms = {
  /** Id of the task. */
  readonly task: string;
  readonly modalities: readonly ClientModality[];
  /** Client models that places of a modality train, names of `@tandem/models`. */
  readonly architectures: Readonly<Record<ClientModality, readonly string[]>>;
  /** Of each, how long a training step takes with the study's pictures, in steps of a tab's test. */
  readonly steps: Readonly<Record<string, number>>;
  readonly least: Least;
  readonly pictures: PictureFormat;
  /** Of whose features the models read in place of pictures. */
  readonly backbone?: BackboneReference;
  /** What reads pictures, and is trained. */
  readonly encoder?: EncoderReference;
};

/** What one place holds: a slot in code and on the wire is a place to people. */
export type DataSlot = {
  /** Absent: any of the task's, whichever the participant brings. */
  readonly modality?: ClientModality;
  /** Client model to train on it, a name of `@tandem/models`; absent: one for what is brought. */
  readonly architecture?: string;
  /** For people, e.g. "noto". */
  readonly source: string;
  /** Of the shard; 0 without one. */
  readonly samples: number;
  /** Absent: own data, which the server never sees. */
  readonly shard?: BlobReference;
};

/** Of a shipped data set: every place is dealt its shard, and all are tested on the same samples. */
export type DealtData = Omit<FederatedData, "own" | "slots" | "test"> & {
  readonly slots: readonly Required<DataSlot>[];
  readonly test: BlobReference;
};
