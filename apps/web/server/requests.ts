import type { IncomingMessage } from "node:http";
import { TandemError } from "@tandem/core/errors";
import { isText } from "@tandem/protocol/text";
import { readBody } from "@tandem/transport/http";

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

/** Keeps other sites from driving the server through a visitor's browser; throws `forbidden`. */
export function requireSameOrigin({ headers }: IncomingMessage): void {
  const { origin, host } = headers;
  if (origin === undefined) return; // not a browser, which always sends it here
  if (!URL.canParse(origin) || new URL(origin).host !== host)
    throw new TandemError("forbidden", `requests from ${origin} are refused; use ${host}`);
}
