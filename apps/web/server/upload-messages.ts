import type { AgedUpload, Given, NamedUpload } from "@tandem/coordinator/running-sum";
import { codeOf, type ErrorCode, messageOf, TandemError } from "@tandem/core/errors";
import type { JsonObject } from "@tandem/core/json";
import type { Payload } from "@tandem/core/payload";
import type { UploadOutline } from "@tandem/core/upload-outline";

/** What unpacks to no more takes this thread a millisecond, which is not worth another. */
export const smallBytes = 4096;

/** Whose halves judge and add up: one reader of one strategy with its settings. */
export type OfReader = {
  readonly reader: number;
  readonly strategy: string;
  readonly config: JsonObject;
};
type Upload = NamedUpload & { readonly bytes: Uint8Array };

/** What a thread is asked, one after the other. */
export type ToThread = OfReader &
  (
    | ({ readonly type: "check"; readonly outline: UploadOutline } & Upload)
    /** Of a checked upload, for the running sum of the name; it is not answered. */
    | { readonly type: "take"; readonly name: number; readonly upload: NamedUpload }
    /** Gives that sum, if all that is in it is listed. */
    | { readonly type: "give"; readonly name: number; readonly uploads: readonly AgedUpload[] }
    /** To the sum that is under way in the thread; the first begins it. */
    | ({ readonly type: "add"; readonly age: number; readonly isFirst: boolean } & Upload)
    | { readonly type: "merge"; readonly sum: Payload; readonly isFirst: boolean }
    /** Gives the sum, and forgets it. */
    | { readonly type: "sum" }
  );
export type Failure = {
  readonly ok: false;
  readonly code?: ErrorCode | undefined;
  readonly message: string;
};
export type Told = {
  readonly ok: true;
  readonly sum?: Payload | undefined;
  readonly clients?: Given["clients"] | undefined;
};
export type FromThread = Told | Failure;

export const failureOf = (error: unknown): Failure => ({
  ok: false,
  code: codeOf(error),
  message: messageOf(error),
});

/** As it was thrown in the thread. */
export const errorOf = ({ code, message }: Failure): Error =>
  code ? new TandemError(code, message) : new Error(message);

/** What need not be copied to another thread: no array of a payload shares another's memory. */
export const buffersOf = (payload: Payload | undefined): ArrayBuffer[] => [
  ...new Set(Object.values(payload?.arrays ?? {}).map(({ data }) => data.buffer as ArrayBuffer)),
];
