import { request } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { createRng, type Rng } from "@tandem/core/rng";
import { f32, u8 } from "@tandem/core/tensor";
import {
  createKeyPair,
  deviceKeyOf,
  joinStatement,
  uploadStatement,
} from "@tandem/protocol/device-key";
import { protocolVersion, requests } from "@tandem/protocol/events";
import { encodePayload, packPayload } from "@tandem/protocol/payload-codec";
import { sha256Hex } from "@tandem/protocol/sha256";
import { io, type Socket } from "socket.io-client";

/** What strangers have been told. */
export type Told = {
  taken: number;
  refused: number;
  /** Connections and requests that were cut off, or to which nobody was there to answer. */
  unanswered: number;
  /** Replies that say that the server itself broke, which none of them should bring about. */
  readonly broken: string[];
};

export type Stranger = { stop(): Promise<void> };

type Surroundings = {
  readonly url: string;
  readonly experiment: string;
  /** Names of uploads that others have sent. */
  readonly hashes: () => readonly string[];
  readonly told: Told;
};

/** Sends whatever no client of ours would, by the seed, until it is stopped. */
export function startStranger(seed: string, around: Surroundings): Stranger {
  const rng = createRng(`stranger/${seed}`);
  const abort = new AbortController();
  const running = (async () => {
    while (!abort.signal.aborted) await visit(rng, around, abort.signal);
  })();
  return {
    async stop() {
      abort.abort();
      await running;
    },
  };
}

/** One connection: perhaps a place is taken, then nonsense of all kinds. */
async function visit(
  rng: Rng,
  { url, experiment, hashes, told }: Surroundings,
  signal: AbortSignal,
) {
  const key = await deviceKeyOf(await createKeyPair());
  const socket = io(url, { transports: ["websocket"], reconnection: false, forceNew: true });
  const count = (isTaken: boolean) => {
    if (isTaken) told.taken++;
    else told.refused++;
  };
  let token = "x".repeat(32);
  let client = "none";
  let [round, instruction] = [0, "0".repeat(64)];
  socket.on("instruct", (body: { readonly round: number; readonly hash: string }) => {
    ({ round, hash: instruction } = body);
  });

  async function ask(event: string, body: unknown): Promise<Reply | undefined> {
    const reply = await answerOf(socket, event, body);
    if (!reply) {
      told.unanswered++;
      return undefined;
    }
    count(reply.ok === true);
    if (typeof reply.token === "string") ({ token } = reply);
    if (typeof reply.client === "string") ({ client } = reply);
    const { code, message } = reply.error ?? {};
    const isOfClosing = /closed|left/.test(message ?? "");
    if (code === "unavailable" && !isOfClosing) told.broken.push(`${event}: ${message}`);
    return reply;
  }

  async function join(wish: object = {}): Promise<void> {
    const reply = await ask("challenge", {});
    const challenge = String(reply?.challenge);
    const body: ReturnType<typeof joinOf> & Joining = { ...joinOf(experiment), ...wish };
    const proof = await key.sign(joinStatement({ experiment, challenge, token: body.token }));
    await ask("join", { ...body, key: { public: key.public, proof } });
  }

  async function send(method: string, path: string, body?: Uint8Array, headers = {}) {
    const status = await statusOf(url, { method, path, body, headers });
    if (status === undefined) told.unanswered++;
    else count(status < 400);
    if (status !== undefined && status >= 500) told.broken.push(`${method} ${path}: ${status}`);
  }

  const put = async (bytes: Uint8Array, name?: string) => {
    const hash = name ?? (await sha256Hex(bytes));
    await send("PUT", `/api/blobs/${hash}`, bytes, { authorization: `Bearer ${token}` });
    return hash;
  };
  const post = (text: string | Uint8Array, headers = {}) =>
    send("POST", "/api/experiments", Buffer.from(text), headers);
  const upload = async (hash: string) => {
    const wrong = [round + 1, round - 1, -1, 1e9, 0.5, "1", null];
    const of = rng.uniform() < 0.6 ? round : pick(rng, wrong);
    const signed = { experiment, client, round: Number(of), instruction, hash };
    const signature = await key.sign(uploadStatement(signed));
    const body = { round: of, instruction, hash, metrics: pick(rng, metricsOf), signature };
    await ask("upload", rng.uniform() < 0.8 ? body : { ...body, hash: "0".repeat(64) });
  };

  const deeds: readonly (() => Promise<unknown>)[] = [
    () => ask(pick(rng, Object.keys(requests)), nonsense(rng)),
    () =>
      ask(pick(rng, ["__proto__", "constructor", "toString", "", "disconnect2"]), nonsense(rng)),
    () => ask("join", { ...joinOf(experiment), [pick(rng, joinFields)]: nonsense(rng) }),
    () =>
      ask("join", {
        ...joinOf(experiment),
        key: { public: "B".repeat(87), proof: "x".repeat(86) },
      }),
    () => join({ token: "y".repeat(40) }),
    () => ask("ready", { samples: pick(rng, [-1, 1e12, 10, "10"]), device: "\0" }),
    () => ask("progress", { round, stage: "train", fraction: pick(rng, [2, -1, 0.5]) }),
    () => ask("fail", { round: round + rng.integer(3), message: "x".repeat(rng.integer(2000)) }),
    () => ask("watch", { experiment: pick(rng, [experiment, "none", "../..", "__proto__"]) }),
    async () => upload(await put(knowledge(rng))),
    async () => upload(await put(cut(rng, knowledge(rng)))),
    // 48 MiB of a picture in half a kilobyte.
    async () => upload(await put(picture)),
    async () => {
      for (let i = 0; i < 400; i++) socket.emit(pick(rng, ["none", "watch", "progress"]), {});
    },
    () => stall({ url, token }),
    async () => upload(pick(rng, [...hashes(), "0".repeat(64), "../../etc/passwd"])),
    () => put(bytesOf(rng, 50), "0".repeat(64)),
    () => put(bytesOf(rng, 10), "%2e%2e%2f%2e%2e%2fetc%2fpasswd"),
    () => send("GET", pick(rng, paths)),
    () => post('{"__proto__":{"rounds":1},"constructor":{"prototype":{"ok":true}}}'),
    () => post("[".repeat(30_000)),
    () => post(JSON.stringify(nonsense(rng))),
    () => post("x".repeat(100_000)),
    // Nothing here is ever decompressed: the body stays as small as it was sent.
    () => post(gzipSync(Buffer.alloc(10_000_000)), { "content-encoding": "gzip" }),
    async () => socket.emit("upload", bytesOf(rng, 300_000)),
    async () => socket.emit(pick(rng, Object.keys(requests)), nonsense(rng)),
  ];
  await connected(socket);
  if (rng.uniform() < 0.5) await join();
  for (let left = 5 + rng.integer(40); left > 0 && socket.connected && !signal.aborted; left--) {
    await pick(rng, deeds)();
    await sleep(rng.integer(40));
  }
  if (rng.uniform() < 0.5) await ask("leave", {});
  socket.close();
}

type Joining = { readonly token?: string };
const joinFields = ["version", "slot", "name", "device", "modality", "experiment", "key", "extra"];
const joinOf = (experiment: string) => ({ version: protocolVersion, experiment, device: "none" });
const metricsOf = [
  {},
  { accuracy: 2 },
  { accuracy: Number.MAX_VALUE },
  { "": 1 },
  { __proto__: 1 },
];
const paths = ["/../../etc/passwd", "/api/experiments/__proto__", "/%00", "//", "/metrics?a=%ff"];

const pick = <T>(rng: Rng, from: readonly T[]): T => from[rng.integer(from.length)];
const bytesOf = (rng: Rng, length: number) => Uint8Array.from({ length }, () => rng.integer(256));
const cut = (rng: Rng, bytes: Uint8Array) => bytes.slice(0, rng.integer(bytes.length));

/** A payload that no strategy asks for, with numbers that are none. */
const knowledge = (rng: Rng) =>
  encodePayload({
    arrays: { [pick(rng, ["p/text", "w", "__proto__x"])]: f32([2], [rng.normal(), Number.NaN]) },
    meta: { round: rng.integer(5), set: null },
  });

const picture = packPayload({
  arrays: { image: u8([1, 4096, 4096, 3], new Uint8Array(3 * 4096 ** 2)) },
  meta: {},
  encoding: { image: "png" },
});

/** Begins a body, says nothing more for a while and goes. */
async function stall({ url, token }: { readonly url: string; readonly token: string }) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  const head = `Host: ${hostname}:${port}\r\nAuthorization: Bearer ${token}\r\nContent-Length: 8000000`;
  socket.write(`PUT /api/blobs/${"0".repeat(64)} HTTP/1.1\r\n${head}\r\n\r\n{`);
  await sleep(500);
  socket.destroy();
}

/** Any JSON, a few levels deep. */
function nonsense(rng: Rng, depth = 0): unknown {
  const leaves = [
    null,
    true,
    -1,
    1e308,
    2 ** 53,
    "",
    "\0",
    "\ud800",
    "x".repeat(5000),
    "__proto__",
  ];
  const kind = depth > 3 ? 0 : rng.integer(4);
  const some = () => Array.from({ length: rng.integer(5) }, () => nonsense(rng, depth + 1));
  if (kind === 1) return some();
  if (kind === 2) return Object.fromEntries(some().map((value, i) => [`field${i}`, value]));
  if (kind === 3) return JSON.parse('{"__proto__":{"ok":true},"round":1,"experiment":"e"}');
  return pick(rng, leaves);
}

type Reply = {
  readonly ok?: boolean;
  readonly token?: unknown;
  readonly client?: unknown;
  readonly challenge?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
};

async function answerOf(socket: Socket, event: string, body: unknown): Promise<Reply | undefined> {
  if (!socket.connected) return undefined;
  const answered = socket.timeout(10_000).emitWithAck(event, body) as Promise<Reply>;
  const cutOff = new Promise<undefined>((resolve) =>
    socket.once("disconnect", () => resolve(undefined)),
  );
  return Promise.race([answered.catch(() => undefined), cutOff]);
}

const connected = (socket: Socket) =>
  new Promise<void>((resolve) => {
    socket.once("connect", () => resolve());
    socket.once("connect_error", () => setTimeout(resolve, 200));
  });

/** Past `fetch`, which mends paths. */
function statusOf(
  url: string,
  call: {
    readonly method: string;
    readonly path: string;
    readonly body: Uint8Array | undefined;
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<number | undefined> {
  const { method, path, body, headers } = call;
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const sent = request({ hostname, port, method, path, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", () => resolve(undefined));
    sent.end(body);
  });
}
