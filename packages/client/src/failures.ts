import { codeOf, type ErrorCode, messageOf, TandemError } from "@tandem/core/errors";

/** What a reply that refuses throws. */
export const refused = (error: { readonly code: string; readonly message: string }): TandemError =>
  new TandemError(error.code as ErrorCode, error.message); // from a server of this very version

/** Whether the same may go well over the next connection. */
export const isOfConnection = (error: unknown): boolean =>
  codeOf(error) === "unavailable" || codeOf(error) === "timeout";

/** As the page draws it. */
export const shown = (error: unknown) => ({
  code: codeOf(error) ?? "unavailable",
  message: messageOf(error),
});
