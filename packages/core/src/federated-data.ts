import type { ClientModality } from "./data";
import type { BlobHash } from "./ids";

export type BlobReference = { readonly hash: BlobHash; readonly bytes: number };

/** A data set split for one experiment: what each place of the cohort receives. */
export type FederatedData = {
  readonly classes: readonly string[];
  readonly slots: readonly DataSlot[];
  /** The public benchmark, balanced over classes. */
  readonly test: BlobReference;
  /** Tokenizer vocabulary as JSON. */
  readonly vocabulary: BlobReference;
};

/** What one place holds: a slot in code and on the wire is a place to people. */
export type DataSlot = {
  readonly modality: ClientModality;
  /** Client model to train on it, a name of `@tandem/models`. */
  readonly architecture: string;
  /** For people, e.g. "noto". */
  readonly source: string;
  readonly samples: number;
  readonly shard: BlobReference;
};
