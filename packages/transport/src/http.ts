import type { IncomingMessage, ServerResponse } from "node:http";
import { TandemError } from "@tandem/core/errors";
import { roomFor } from "./body-room";

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | Uint8Array;
};

/** How long a body may have nothing more to say. */
const silenceMs = 10_000;

/**
 * The body; throws `too-large` as soon as it is known to have over `limitBytes`, and leaves the rest
 * unread; `timeout` if it stands still.
 */
export async function readBody(
  request: IncomingMessage,
  limitBytes: number,
  silence = silenceMs,
): Promise<Buffer> {
  const tooLarge = () =>
    new TandemError("too-large", `a body may have at most ${limitBytes} bytes; send less`);
  const { "content-length": length } = request.headers;
  const declared = length === undefined ? undefined : Number(length);
  if ((declared ?? 0) > limitBytes) throw tooLarge();
  const leave = await roomFor(request, declared ?? limitBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Destroyed, it would take the connection and so the reply with it.
    const body = request.iterator({ destroyOnReturn: false });
    for (;;) {
      const { done, value } = await beforeSilence(body.next(), silence);
      if (done) return Buffer.concat(chunks);
      size += value.length;
      if (size > limitBytes) throw tooLarge();
      chunks.push(value);
    }
  } finally {
    leave();
  }
}

async function beforeSilence<T>(next: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silent = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(new TandemError("timeout", `nothing of the body came for ${ms} ms: send it again`)),
      ms,
    );
  });
  next.catch(() => {}); // what comes of it later is nobody's any more
  return Promise.race([next, silent]).finally(() => clearTimeout(timer));
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
    // Of what is not sent it would be another one's (RFC 9110, 8.6).
    ...(status !== 304 && { "content-length": Buffer.byteLength(body) }),
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
