import type { LabelledSet } from "@tandem/core/data";
import type { Task } from "@tandem/core/task";
import type { PickedFile } from "@tandem/intake/files/browser-files";
import type { SetFolder } from "@tandem/intake/task/read-task";
import type { TaskUploadView } from "@tandem/protocol/view";

export type ReadRequest = {
  readonly type: "read";
  readonly files: readonly PickedFile[];
  readonly folder: SetFolder;
  readonly task: Task;
};
export type PackRequest = {
  readonly type: "pack";
  readonly task: Task;
  readonly sets: { readonly [folder in SetFolder]?: LabelledSet };
};
export type ToSetWorker = ReadRequest | PackRequest;

/** What a folder or a zip amounts to as a set of the task. */
export type SetOutcome = {
  readonly type: "read";
  readonly set: LabelledSet;
  /** Samples of each class. */
  readonly counts: readonly number[];
  readonly leftOut: TaskUploadView["leftOut"];
  /** The first captions, of the classes in turn. */
  readonly captions: readonly string[];
  /** PNG; absent: there is no picture. */
  readonly sheet?: Uint8Array;
};
type Progress = { readonly type: "progress"; readonly files: number; readonly filesDone: number };
export type FromSetWorker =
  | Progress
  | SetOutcome
  | { readonly type: "packed"; readonly zip: Uint8Array }
  | { readonly type: "failed"; readonly message: string };
