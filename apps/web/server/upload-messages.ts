import { codeOf, type ErrorCode, messageOf, TandemError } from "@tandem/core/errors";
import type { JsonObject } from "@tandem/core/json";
import type { Payload } from "@tandem/core/payload";
import type { ClientInfo } from "@tandem/core/strategy";
import type { UploadOutline } from "@tandem/core/upload-outline";

/** Whose halves judge and add up. */
export type OfStrategy = { readonly strategy: string; readonly config: JsonObject };
type Upload = { readonly client: ClientInfo; readonly bytes: Uint8Array };

/** What a thread is asked, one after the other. */
export type ToThread = OfStrategy &
  (
    | ({ readonly type: "check"; readonly outline: UploadOutline } & Upload)
    /** To the sum that is under way in the thread; the first begins it. */
    | ({ readonly type: "add"; readonly age: number; readonly isFirst: boolean } & Upload)
    /** Gives the sum, and forgets it. */
    | { readonly type: "sum" }
  );
export type Failure = {
  readonly ok: false;
  readonly code?: ErrorCode | undefined;
  readonly message: string;
};
export type FromThread = { readonly ok: true; readonly sum?: Payload | undefined } | Failure;

export const failureOf = (error: unknown): Failure => ({
  ok: false,
  code: codeOf(error),
  message: messageOf(error),
});

/** As it was thrown in the thread. */
export const errorOf = ({ code, message }: Failure): Error =>
  code ? new TandemError(code, message) : new Error(message);
