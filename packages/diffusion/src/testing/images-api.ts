import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import sharp from "sharp";

export type ReceivedRequest = {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  /** Parsed JSON; undefined without a body. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
};
export type Answer = (response: ServerResponse, request: ReceivedRequest) => void | Promise<void>;

export type ImagesApi = {
  readonly origin: string;
  readonly baseUrl: string;
  readonly requests: readonly ReceivedRequest[];
  /** Most requests that were open together. */
  readonly mostAtOnce: () => number;
  close(): Promise<void>;
};

/** A file of one colour, which is the prompt: any name that CSS knows. */
export const colourPicture = (prompt: string, [width, height] = [64, 64]) =>
  sharp({ create: { width, height, channels: 3, background: prompt } });

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

export const sendPicture = (response: ServerResponse, file: Uint8Array) =>
  sendJson(response, 200, { data: [{ b64_json: Buffer.from(file).toString("base64") }] });

export const paint: Answer = async (response, { body }) =>
  sendPicture(response, await colourPicture(String(body?.prompt)).png().toBuffer());

/** An images API on loopback: the first requests get the answers given, later ones that have the key what `later` gives. */
export async function startImagesApi({
  key,
  answers = [],
  later = paint,
}: {
  readonly key: string;
  readonly answers?: readonly Answer[];
  readonly later?: Answer;
}): Promise<ImagesApi> {
  const requests: ReceivedRequest[] = [];
  let [open, most] = [0, 0];
  const server = createServer(async (incoming, response) => {
    most = Math.max(most, ++open);
    response.once("close", () => open--);
    const request = await receive(incoming);
    const answer = answers[requests.push(request) - 1];
    if (answer) await answer(response, request);
    else if (request.authorization !== `Bearer ${key}`)
      sendJson(response, 401, {
        error: { message: `Incorrect API key provided: ${request.authorization}.` },
      });
    else await later(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    baseUrl: `${origin}/v1`,
    requests,
    mostAtOnce: () => most,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function receive(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return {
    method: incoming.method ?? "",
    path: incoming.url ?? "",
    authorization: incoming.headers.authorization,
    body: text === "" ? undefined : JSON.parse(text),
  };
}
