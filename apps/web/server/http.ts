import type { IncomingMessage } from "node:http";
import { type ErrorCode, messageOf, TandemError } from "@tandem/core/errors";
import { type Reply, readBody } from "@tandem/transport/http";

const statusOf: Readonly<Record<ErrorCode, number>> = {
  "bad-config": 400,
  "bad-data": 400,
  "bad-message": 400,
  "bad-upload": 422,
  cancelled: 409,
  conflict: 409,
  corrupt: 500,
  full: 409,
  "not-found": 404,
  "not-supported": 400,
  stale: 409,
  timeout: 504,
  "too-large": 413,
  "too-many": 429,
  unauthorised: 403,
  unavailable: 503,
};

export const json = (value: unknown, status = 200): Reply => ({
  status,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify(value),
});

export const noContent: Reply = { status: 204, headers: {}, body: "" };

export const file = (body: string | Uint8Array, type: string, headers = {}): Reply => ({
  status: 200,
  headers: { "content-type": type, ...headers },
  body,
});

/** A header that saves the reply under this name, in whatever script (RFC 6266). */
export const attachment = (name: string) => ({
  "content-disposition": `attachment; filename="${name.replace(/[^\w.-]/g, "_")}"; filename*=UTF-8''${encodeURIComponent(name)}`,
});

/** Expected failures say what they are; of others only the log learns more. */
export const failed = (error: unknown): Reply =>
  error instanceof TandemError
    ? json({ error: { code: error.code, message: messageOf(error) } }, statusOf[error.code])
    : json({ error: { code: "internal", message: "Internal error; see the server's log." } }, 500);

/** The body as JSON; throws `too-large` or `bad-message`. */
export async function readJson(request: IncomingMessage, limitBytes: number): Promise<unknown> {
  const text = (await readBody(request, limitBytes)).toString("utf8");
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TandemError("bad-message", "body is not JSON", { cause });
  }
}

/** Keeps other sites from driving the server through a visitor's browser. */
export function requireSameOrigin({ headers }: IncomingMessage): void {
  const { origin, host } = headers;
  if (origin === undefined) return; // not a browser, which always sends it here
  if (!URL.canParse(origin) || new URL(origin).host !== host)
    throw new TandemError("unauthorised", `requests from ${origin} are refused; use ${host}`);
}
