import type { OwnData } from "@tandem/client/own-data";
import type { ClientModality } from "@tandem/core/data";
import type { ErrorCode } from "@tandem/core/errors";

/** What this browser keeps of somebody's own data for a task. */
export type Kept = {
  readonly modality: ClientModality;
  /** Samples to train on, and to measure on. */
  readonly train: number;
  readonly heldOut: number;
  readonly bytes: number;
};

export type PageToKeeper = { readonly id: number; readonly task: string } & (
  | { readonly type: "look" }
  | { readonly type: "write"; readonly data: OwnData }
  | { readonly type: "remove" }
);

export type KeeperToPage = { readonly id: number } & (
  | { readonly kept: Kept | undefined }
  | { readonly code: ErrorCode; readonly message: string }
);
