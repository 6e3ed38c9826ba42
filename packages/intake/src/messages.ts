import type { ErrorCode } from "@tandem/core/errors";
import type { PickedFile } from "./files/browser-files";
import type { IntakeTask, Picture, Progress, Reading, TableRow } from "./intake";

export type PageToIntake =
  | {
      readonly type: "read";
      readonly id: number;
      readonly files: readonly PickedFile[];
      readonly task: IntakeTask;
    }
  | { readonly type: "cancel"; readonly id: number };

/**
 * What was read comes in pieces, so that a page never unpacks much at once: pictures and rows in the
 * order of `reading`, where they are left out.
 */
export type IntakeToPage = { readonly id: number } & (
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "pictures"; readonly pictures: readonly Picture[] }
  | { readonly type: "rows"; readonly table: number; readonly rows: readonly TableRow[] }
  | { readonly type: "done"; readonly reading: Reading }
  | { readonly type: "failed"; readonly code: ErrorCode; readonly message: string }
);

/** A worker, or one end of a `MessageChannel`. */
export type IntakePort<Out, In> = {
  postMessage(message: Out, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: In }) => void): void;
};
