import type { IncomingMessage } from "node:http";
import { type ErrorCode, messageOf, TandemError } from "@tandem/core/errors";
import { isText } from "@tandem/protocol/text";
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

/** The body as JSON of texts that can be stored; throws `too-large` or `bad-message`. */
export async function readJson(request: IncomingMessage, limitBytes: number): Promise<unknown> {
  const bytes = await readBody(request, limitBytes);
  if (bytes.length === 0) return {};
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TandemError("bad-message", "body is not UTF-8", { cause });
  }
  try {
    return JSON.parse(text, (key, value) => {
      requireText("body", key);
      if (typeof value === "string") requireText(key || "body", value);
      return value;
    });
  } catch (cause) {
    if (cause instanceof TandemError) throw cause;
    throw new TandemError("bad-message", "body is not JSON", { cause });
  }
}

/** Path and query as they are read, or `bad-message` where they are no text. */
export function requireTextUrl(url: string): void {
  let decoded: string;
  try {
    decoded = decodeURIComponent(url);
  } catch (cause) {
    throw new TandemError("bad-message", "the address is not percent-encoded UTF-8", { cause });
  }
  requireText("address", decoded);
}

function requireText(where: string, value: string): void {
  if (isText(value)) return;
  throw new TandemError("bad-message", `${where}: must hold neither NUL nor half a surrogate pair`);
}

/** Keeps other sites from driving the server through a visitor's browser. */
export function requireSameOrigin({ headers }: IncomingMessage): void {
  const { origin, host } = headers;
  if (origin === undefined) return; // not a browser, which always sends it here
  if (!URL.canParse(origin) || new URL(origin).host !== host)
    throw new TandemError("unauthorised", `requests from ${origin} are refused; use ${host}`);
}
