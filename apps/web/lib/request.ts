import type { ApiError } from "@tandem/protocol/view";
import { basePath } from "./base-path";
import { ledger } from "./join/ledger";

/** A refusal of the REST interface; the message is meant for people. */
export class RequestError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const unreadable: ApiError["error"] = {
  code: "unavailable",
  message: "The server did not answer. Check that it is running, then try again.",
};

/** For whoever wants to see what has left the tab. */
const noteBody = (path: string, json: string): void =>
  ledger.note({
    what: "post",
    text: JSON.stringify([path, JSON.parse(json)]),
    bytes: new TextEncoder().encode(json).length,
  });

/** Passwords and tokens are no study's, and are kept nowhere. */
const ofAccounts = /^\/api\/(sign-|accounts|account-links|backups|me\/)/;

/** Of this server; throws `RequestError`. */
export async function request<T>(path: string, init?: RequestInit): Promise<T> {
  if (typeof init?.body === "string" && !ofAccounts.test(path)) noteBody(path, init.body);
  const response = await fetch(basePath + path, { cache: "no-store", ...init }).catch(
    () => undefined,
  );
  if (response?.status === 204) return undefined as T;
  const body: unknown = await response?.json().catch(() => undefined);
  if (response?.ok) return body as T;
  const error = (body as Partial<ApiError> | undefined)?.error ?? unreadable;
  throw new RequestError(error.code, error.message);
}

export const post = <T>(
  path: string,
  body: unknown = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<T> =>
  request(path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
