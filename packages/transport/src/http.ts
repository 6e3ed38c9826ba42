import type { IncomingMessage, ServerResponse } from "node:http";
import { TandemError } from "@tandem/core/errors";

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
};

/** The body; throws `too-large` as soon as it is known to have over `limitBytes`, and leaves the rest unread. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    new TandemError("too-large", `a body may have at most ${limitBytes} bytes; send less`);
  if (Number(request.headers["content-length"] ?? 0) > limitBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  // Destroyed, it would take the connection and so the reply with it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > limitBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The token that a request bears; empty without one. */
export const bearerOf = ({ headers }: IncomingMessage): string =>
  /^Bearer ([\w-]{16,128})$/.exec(headers.authorization ?? "")?.[1] ?? "";

/** The name of a request, in the log and in its reply. */
export const idOf = ({ headers }: IncomingMessage): string | undefined =>
  typeof headers["x-request-id"] === "string" ? headers["x-request-id"] : undefined;

const [lingerBytes, lingerMs] = [32 * 2 ** 20, 5000];

/**
 * Sends a whole reply. What has not been read of the request is thrown away first, within bounds, and the
 * connection closed: a peer that still sends would lose the reply with it (RFC 9112, 9.6).
 */
export function send(response: ServerResponse, { status, headers, body }: Reply): void {
  const { req: request } = response;
  const { "content-length": length = "0", "transfer-encoding": encoding } = request.headers;
  const hasRest = !request.complete && (length !== "0" || encoding !== undefined);
  response.writeHead(status, {
    ...headers,
    "content-length": Buffer.byteLength(body),
    "x-content-type-options": "nosniff",
    ...(hasRest && { connection: "close" }),
  });
  if (!hasRest) {
    response.end(body);
    return;
  }
  response.write(body);
  const timer = setTimeout(end, lingerMs);
  let left = lingerBytes;
  function end() {
    clearTimeout(timer);
    response.end();
  }
  request.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) end();
  });
  request.once("end", end).once("close", end);
}
