import { clientId } from "@tandem/core/ids";
import type {
  JoinReply,
  TandemChannel,
  TandemConnection,
  TandemRequests,
} from "@tandem/protocol/events";
import { encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { encodePayload } from "@tandem/protocol/payload-codec";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { createMemoryPair } from "@tandem/transport/memory";

/** A server that answers as it is told and keeps what it is asked. */
export async function createScriptedServer() {
  const blobs = createMemoryBlobs();
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
    erase: (): TandemRequests["erase"]["reply"] => ({ ok: true, found: true }),
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
    erased: [] as TandemRequests["erase"]["request"][],
  };
  let connection: TandemConnection | undefined;

  function connect(): TandemChannel {
    const { client, server } = createMemoryPair({ blobs });
    connection = server;
    server.handle("challenge", async () => ({ ok: true, challenge: "a-challenge-of-a-test" }));
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
    server.handle("erase", async (body) => {
      seen.erased.push(body);
      return script.erase();
    });
    server.handle("leave", async () => {
      seen.left++;
      return { ok: true };
    });
    return client;
  }

  return {
    blobs,
    seen,
    script,
    offer,
    connect,
    async instruct(round: number, text = "") {
      const { hash, bytes } = await put(encodePayload({ arrays: {}, meta: { round, text } }));
      connection?.send("instruct", { round, hash, bytes, deadlineMs: 1000 });
    },
    status: (round: number, rests?: true, phase = "collecting") =>
      connection?.send("status", {
        round,
        rounds: 3,
        phase,
        clients: 2,
        ...(rests && { rests }),
      }),
    restart: () => connection?.send("restart", { afterMs: 2000 }),
    dismiss: () => connection?.close(),
    putOut: (reason: string) => connection?.send("dismissed", { reason }),
    finish: (how: { readonly removed?: true } = {}) =>
      connection?.send("finish", { reason: "It is over.", ...how }),
  };
}

export type ScriptedServer = Awaited<ReturnType<typeof createScriptedServer>>;
