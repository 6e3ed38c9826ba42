import type { OwnEncoder } from "@tandem/client/own-encoder";
import type { Normalisation } from "@tandem/core/task";

/** What this browser keeps of somebody's own encoder for an experiment. */
export type KeptEncoder = Pick<OwnEncoder["pinned"], "size" | "features" | "parameters"> & {
  /** Of its files. */
  readonly bytes: number;
};

export type EncoderOptions = {
  /** Whose output the features are; absent: the model's. */
  readonly layer?: string;
  readonly normalisation: Normalisation;
  /** Pixels a side that it is fed where it leaves that open. */
  readonly openSize: number;
};

export type PageToEncoder = { readonly experiment: string } & (
  | { readonly type: "look" }
  /** Checks the model of the files, and keeps it in place of what is there. */
  | { readonly type: "bring"; readonly files: readonly File[]; readonly options: EncoderOptions }
  | { readonly type: "remove" }
);
