import type { ClientModality, LabelledSet } from "@tandem/core/data";
import type { BackboneReference } from "@tandem/core/task";

/** What this browser keeps of somebody's own data for a task. */
export type Kept = {
  readonly modality: ClientModality;
  /** Samples to train on, and to measure on. */
  readonly train: number;
  readonly heldOut: number;
  readonly bytes: number;
  /** False: the browser keeps nothing for the page, and it is gone when that is closed. */
  readonly isLasting: boolean;
  /** In neither: once held out, they lack a picture or a caption now. */
  readonly aside: number;
  /** Of its pictures, pixels a side; absent: it has none. */
  readonly side?: number;
  /** That has made the features; absent: there are none, or it is not known. */
  readonly backbone?: BackboneReference;
};

export type PageToKeeper = { readonly task: string } & (
  | { readonly type: "look" }
  | {
      readonly type: "write";
      readonly set: LabelledSet;
      readonly backbone: BackboneReference | undefined;
    }
  | { readonly type: "remove" }
);
