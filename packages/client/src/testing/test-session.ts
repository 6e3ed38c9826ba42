import { clientId } from "@tandem/core/ids";
import type { ClientModel } from "@tandem/core/model";
import type { BlobStore, ClientStore } from "@tandem/core/stores";
import type { FitContext } from "@tandem/core/strategy";
import { f32 } from "@tandem/core/tensor";
import type {
  JoinReply,
  TandemChannel,
  TandemConnection,
  TandemRequests,
} from "@tandem/protocol/events";
import { encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { encodePayload } from "@tandem/protocol/payload-codec";
import { soleIdentity } from "../identity";
import { type ClientState, initialState } from "../messages";
import { startSession } from "../session";
import type { SessionHost } from "../session-host";

type Pair = (options: { readonly blobs: BlobStore }) => {
  readonly client: TandemChannel;
  readonly server: TandemConnection;
};

/** A channel that loses its connection and finds it again when it is told to. */
export function createFlakyChannel(connect: () => TandemChannel) {
  let current = connect();
  let open = true;
  let closed = false;
  const watchers = new Set<(connected: boolean, dismissed: boolean) => void>();
  const listeners: ((channel: TandemChannel) => void)[] = [];
  const channel: TandemChannel = {
    request: (event, body) => current.request(event, body),
    on(event, handler) {
      listeners.push((to) => to.on(event, handler));
      return current.on(event, handler);
    },
    onConnection(handler) {
      handler(open, false);
      watchers.add(handler);
      return () => watchers.delete(handler);
    },
    getBlob: (hash, signal) => current.getBlob(hash, signal),
    putBlob: (bytes, token, signal) => current.putBlob(bytes, token, signal),
    close() {
      closed = true;
      current.close();
    },
  };
  const turn = (now: boolean, dismissed = false) => {
    open = now;
    for (const watcher of watchers) watcher(now, dismissed);
  };
  const heed = () =>
    current.onConnection((_, dismissed) => {
      if (dismissed) turn(false, true);
    });
  heed();
  return {
    channel,
    isClosed: () => closed,
    drop() {
      current.close();
      turn(false);
    },
    restore() {
      current = connect();
      heed();
      for (const listen of listeners) listen(current);
      turn(true);
    },
  };
}

/** A server that answers as it is told and keeps what it is asked. */
export async function createServer({
  blobs,
  pair,
}: {
  readonly blobs: BlobStore;
  readonly pair: Pair;
}) {
  const put = async (bytes: Uint8Array) => ({ hash: await blobs.put(bytes), bytes: bytes.length });
  const captions = (size: number) => ({
    size,
    labels: new Int32Array(size),
    captions: Array.from({ length: size }, (_, i) => `caption ${i}`),
  });
  const shards = [
    await put(encodeLabelledSet(captions(2))),
    await put(encodeLabelledSet(captions(3))),
  ];
  const test = await put(encodeLabelledSet(captions(1)));
  const vocabulary = await put(new TextEncoder().encode('{"words":[],"buckets":2}'));
  const offer = (slot: number): JoinReply => ({
    ok: true,
    client: clientId(`client-${slot}`),
    token: `token-of-client-${slot}`,
    slot,
    seed: 1,
    experimentName: "Test",
    strategy: "counter",
    strategyConfig: {},
    dataset: "none",
    classes: ["cat"],
    rounds: 3,
    modality: "text",
    architecture: "any",
    task: "classification",
    source: "test",
    shard: shards[slot],
    test,
    vocabulary,
  });
  const script = {
    join: (_: TandemRequests["join"]["request"]): TandemRequests["join"]["reply"] => offer(0),
    upload: (): TandemRequests["upload"]["reply"] => ({ ok: true, duplicate: false }),
    /** Runs when a client says that it is ready. */
    ready: () => {},
    /** Runs before a failure is acknowledged. */
    fail: async () => {},
  };
  const seen = {
    joins: [] as TandemRequests["join"]["request"][],
    uploads: [] as TandemRequests["upload"]["request"][],
    fails: [] as TandemRequests["fail"]["request"][],
    samples: [] as number[],
    speeds: [] as (number | undefined)[],
    left: 0,
  };
  let connection: TandemConnection | undefined;

  function connect(): TandemChannel {
    const { client, server } = pair({ blobs });
    connection = server;
    server.handle("join", async (body) => {
      seen.joins.push(body);
      return script.join(body);
    });
    server.handle("ready", async ({ samples, speed }) => {
      seen.samples.push(samples);
      seen.speeds.push(speed);
      script.ready();
      return { ok: true };
    });
    server.handle("progress", async () => ({ ok: true }));
    server.handle("upload", async (body) => {
      seen.uploads.push(body);
      return script.upload();
    });
    server.handle("fail", async (body) => {
      seen.fails.push(body);
      await script.fail();
      return { ok: true };
    });
    server.handle("leave", async () => {
      seen.left++;
      return { ok: true };
    });
    return client;
  }

  return {
    seen,
    script,
    offer,
    connect,
    async instruct(round: number, text = "") {
      const { hash, bytes } = await put(encodePayload({ arrays: {}, meta: { round, text } }));
      connection?.send("instruct", { round, hash, bytes, deadlineMs: 1000 });
    },
    status: (round: number, rests?: true) =>
      connection?.send("status", {
        round,
        rounds: 3,
        phase: "collecting",
        clients: 2,
        ...(rests && { rests }),
      }),
    restart: () => connection?.send("restart", { afterMs: 2000 }),
    dismiss: () => connection?.close(),
    finish: () => connection?.send("finish", { reason: "All rounds are done." }),
  };
}

type TestServer = Awaited<ReturnType<typeof createServer>>;
export type Fit = (context: FitContext) => Promise<void>;

/** A session whose model is one number: how often it has been trained. */
export async function openSession(
  server: TestServer,
  options: {
    readonly store: ClientStore;
    readonly fit?: Fit;
    readonly claimIdentity?: SessionHost["claimIdentity"];
    readonly now?: SessionHost["now"];
    readonly exhausted?: NonNullable<SessionHost["exhausted"]>;
  },
) {
  let state: ClientState = initialState;
  const fits: { readonly round: number; readonly trained: number; readonly client: string }[] = [];
  const flaky = createFlakyChannel(server.connect);
  const start = () =>
    startSession(
      {
        channel: flaky.channel,
        store: options.store,
        claimIdentity: options.claimIdentity ?? soleIdentity,
        now: options.now ?? (() => 0),
        device: "test",
        ...(options.exhausted && { exhausted: options.exhausted }),
        createModel: counterModel,
        createTrainer: () => ({
          train: async () => ({ loss: 0, batches: 0 }),
          predict: async () => ({ z: {}, logits: {} }),
        }),
        strategy: () => ({
          async fit(context) {
            const { count } = await context.model.weights();
            const trained = count.data[0];
            fits.push({ round: context.round, trained, client: context.client.id });
            await options.fit?.(context);
            context.model.load({ count: f32([1], [trained + 1]) });
            return {
              update: { arrays: {}, meta: { trained } },
              memory: { arrays: {}, meta: {} },
              metrics: { accuracy: 0.5 },
            };
          },
        }),
        update: (change) => {
          state = { ...state, ...(typeof change === "function" ? change(state) : change) };
        },
      },
      { experiment: "e1" },
    );
  return { start, flaky, fits, state: () => state };
}

function counterModel(): ClientModel {
  let count = 0;
  return {
    architecture: "any",
    modality: "text",
    task: "classification",
    classes: 1,
    dimension: 1,
    variables: {},
    forward: () => ({ z: {}, logits: {} }),
    weights: async () => ({ count: f32([1], [count]) }),
    load: (weights) => {
      count = weights.count.data[0];
    },
    dispose: () => {},
  };
}

/** Lets pending work run until it is so. */
export async function until(condition: () => boolean, limitMs = 5000): Promise<void> {
  for (const end = Date.now() + limitMs; !condition(); ) {
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Time enough for whatever must not happen. */
export const pause = (ms = 40): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
