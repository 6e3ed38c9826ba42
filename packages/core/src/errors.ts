/** Every failure that a caller may want to tell apart. Branch on the code, never on the message. */
export type ErrorCode =
  | "bad-config"
  | "bad-data"
  | "bad-message"
  | "bad-upload"
  | "cancelled"
  | "conflict"
  | "corrupt"
  | "forbidden"
  | "full"
  | "not-found"
  | "not-supported"
  | "stale"
  | "timeout"
  | "too-large"
  | "too-many"
  | "unauthorised"
  | "unavailable"
  /** What computes here is not up to it; another way to compute may be. */
  | "wrong-backend";

/** An expected failure. The message names the offending value and the way out. */
export class TandemError extends Error {
  override readonly name = "TandemError";
  /** What strangers may read of it, where the message as it is is not for them. */
  readonly told: string | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { readonly cause?: unknown; readonly told?: string | undefined },
  ) {
    super(message, options);
    this.told = options?.told;
  }
}

/** Closes an exhaustive switch: a new union member that is not handled fails to compile. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

/** The code of an expected failure; of anything else thrown, none. */
export const codeOf = (error: unknown): ErrorCode | undefined =>
  error instanceof TandemError ? error.code : undefined;

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
