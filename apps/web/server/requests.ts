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
  const body = parsed(text);
  requireTexts(body);
  return body;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TandemError("bad-message", "body is not JSON", { cause });
  }
}

/** Does not recurse: a body of brackets is thousands of levels deep. */
function requireTexts(body: unknown): void {
  const waiting: (readonly [path: string, value: unknown])[] = [["", body]];
  for (const [path, value] of waiting) {
    if (typeof value === "string") requireText(path || "body", value);
    if (typeof value !== "object" || value === null) continue;
    for (const [name, inner] of Object.entries(value)) {
      requireText(`a name in ${path || "body"}`, name);
      waiting.push([path ? `${path}.${name}` : name, inner]);
    }
  }
}

/** Why path and query cannot be read as text, if so; every request is asked, for a socket or a page too. */
export function faultOfUrl({ url = "/" }: IncomingMessage): TandemError | undefined {
  try {
    requireText("address", decodeURIComponent(url));
    return undefined;
  } catch (cause) {
    if (cause instanceof TandemError) return cause;
    return new TandemError("bad-message", "the address is not percent-encoded UTF-8", { cause });
  }
}

function requireText(where: string, value: string): void {
  if (isText(value)) return;
  throw new TandemError("bad-message", `${where}: must hold neither NUL nor half a surrogate pair`);
}

/** What every file system takes, in the letters of the name. */
export const fileName = (name: string, without: string): string =>
  name.replace(/[^\p{L}\p{M}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || without;
