import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TandemError } from "@tandem/core/errors";
import { roomFor } from "./body-room";

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Body;
};
/** What is made while it is sent has no length that is known before. */
export type Body = string | Uint8Array | AsyncIterable<string | Uint8Array>;

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
  const declared = declaredBytes(request);
  if ((declared ?? 0) > limitBytes) throw tooLarge(limitBytes);
  const leave = await roomFor(request, declared ?? limitBytes);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of bodyPieces(request, limitBytes, silence)) chunks.push(chunk);
    return Buffer.concat(chunks);
  } finally {
    leave();
  }
}

/** The same piece by piece, for what is not kept in memory. */
export async function* bodyPieces(
  request: IncomingMessage,
  limitBytes: number,
  silence = silenceMs,
): AsyncGenerator<Buffer> {
  if ((declaredBytes(request) ?? 0) > limitBytes) throw tooLarge(limitBytes);
  let size = 0;
  // Destroyed, it would take the connection and so the reply with it.
  const body = request.iterator({ destroyOnReturn: false });
  for (;;) {
    const { done, value } = await beforeSilence(body.next(), silence);
    if (done) return;
    size += value.length;
    if (size > limitBytes) throw tooLarge(limitBytes);
    yield value;
  }
}

function declaredBytes({ headers }: IncomingMessage): number | undefined {
  const { "content-length": length } = headers;
  return length === undefined ? undefined : Number(length);
}

const tooLarge = (limitBytes: number) =>
  new TandemError("too-large", `a body may have at most ${limitBytes} bytes; send less`);

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
 * Sends a reply. `onFailure` hears why one that is made meanwhile could not be ended: its connection is cut,
 * so that nobody takes it for whole. What has not been read of the request is thrown away first, within bounds, and the
 * connection closed: a peer that still sends would lose the reply with it (RFC 9112, 9.6).
 */
export function send(
  response: ServerResponse,
  reply: Reply,
  onFailure: (error: unknown) => void = () => {},
): void {
  const { req: request } = response;
  const { status, headers, body } = reply;
  if (typeof body !== "string" && !(body instanceof Uint8Array)) {
    stream(response, { ...reply, body }, onFailure);
    return;
  }
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

function stream(
  response: ServerResponse,
  { status, headers, body }: Reply & { readonly body: AsyncIterable<string | Uint8Array> },
  onFailure: (error: unknown) => void,
): void {
  response.writeHead(status, { ...headers, "x-content-type-options": "nosniff" });
  if (response.req.method === "HEAD") {
    response.end();
    return;
  }
  pipeline(Readable.from(body, { objectMode: false }), response).catch((error: unknown) => {
    const isGone = (error as NodeJS.ErrnoException).code === "ERR_STREAM_PREMATURE_CLOSE";
    if (!isGone) onFailure(error);
  });
}
