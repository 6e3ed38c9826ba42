import type { ServerConnection } from "@tandem/core/channel";
import { messageOf, TandemError } from "@tandem/core/errors";
import type { ClientRecord } from "@tandem/core/experiment";
import { type ClientId, clientId, type ExperimentId } from "@tandem/core/ids";
import {
  type JoinReply,
  protocolVersion,
  type requests,
  type TandemContract,
} from "@tandem/protocol/events";
import { sha256Hex } from "@tandem/protocol/sha256";
import type { ExperimentView } from "@tandem/protocol/view";
import type * as z from "zod/mini";
import type { CoordinatedStrategy, CoordinatorOptions } from "./coordinator";
import type { createEffects } from "./effects";
import { countControl, type LiveClient, type Runtime } from "./experiment-runtime";
import { architectureOf, freeSlot } from "./join";
import { checkUpload } from "./uploads";

type Requests = { readonly [K in keyof typeof requests]: z.infer<(typeof requests)[K]["request"]> };
type Refusal = {
  readonly ok: false;
  readonly error: { readonly code: string; readonly message: string };
};

export const refusal = (error: unknown): Refusal => ({
  ok: false,
  error: {
    code: error instanceof TandemError ? error.code : "unavailable",
    message: messageOf(error).slice(0, 500),
  },
});

export function createSessions(
  options: CoordinatorOptions & {
    readonly changed: (runtime: Runtime) => void;
    readonly tokens: Map<string, { readonly experiment: ExperimentId; readonly client: ClientId }>;
    readonly effects: ReturnType<typeof createEffects>;
    readonly strategyOf: (name: string) => CoordinatedStrategy;
    readonly runtime: (id: ExperimentId) => Promise<Runtime>;
    readonly subscribe: (id: ExperimentId, listener: (view: ExperimentView) => void) => () => void;
  },
) {
  const { blobs, clock, random, effects, tokens, changed } = options;

  const live = (record: ClientRecord, connection?: LiveClient["connection"]): LiveClient => ({
    record,
    connection,
    status: record.leftAt === undefined ? (connection ? "joined" : "away") : "left",
    stage: undefined,
    fraction: undefined,
    accuracy: undefined,
    roundUp: 0,
    roundDown: 0,
    seenUp: 0,
    seenDown: 0,
  });

  async function join(
    connection: ServerConnection<TandemContract>,
    wish: Requests["join"],
  ): Promise<{
    readonly runtime: Runtime;
    readonly client: LiveClient;
    readonly reply: JoinReply;
  }> {
    if (wish.version !== protocolVersion)
      throw new TandemError(
        "not-supported",
        `The server speaks version ${protocolVersion}, this page ${wish.version}: reload it.`,
      );
    const runtime = await options.runtime(wish.experiment);
    if (runtime.state.status === "finished")
      throw new TandemError("unavailable", "The experiment has finished.");
    const client =
      (wish.token && (await returning(runtime, wish.token))) || (await arriving(runtime, wish));
    client.connection?.close();
    Object.assign(client, { connection, status: "joined", seenUp: 0, seenDown: 0 });
    const { leftAt: _, ...record } = client.record;
    client.record = { ...record, device: wish.device };
    const token =
      wish.token && tokens.has(wish.token) ? wish.token : await issueToken(runtime, client);
    return { runtime, client, reply: describe(runtime, client, token) };
  }

  async function returning(runtime: Runtime, token: string): Promise<LiveClient | undefined> {
    const hash = await sha256Hex(new TextEncoder().encode(token));
    const found = [...runtime.clients.values()].find(({ record }) => record.tokenHash === hash);
    if (found) tokens.set(token, { experiment: runtime.record.id, client: found.record.id });
    return found;
  }

  async function arriving(runtime: Runtime, wish: Requests["join"]): Promise<LiveClient> {
    const slot = freeSlot(runtime, wish);
    const { slots } = runtime.data;
    const { needs } = options.strategyOf(runtime.record.config.strategy);
    const client = live({
      id: clientId(random.id()),
      tokenHash: "",
      slot,
      name: wish.name?.trim() || `Client ${slot + 1}`,
      modality: slots[slot].modality,
      architecture: architectureOf(slots, slot, needs),
      samples: slots[slot].samples,
      source: slots[slot].source,
      device: wish.device,
      joinedAt: clock.now(),
      bytesUp: 0,
      bytesDown: 0,
    });
    runtime.clients.set(client.record.id, client);
    return client;
  }

  async function issueToken(runtime: Runtime, client: LiveClient): Promise<string> {
    const token = random.token();
    const tokenHash = await sha256Hex(new TextEncoder().encode(token));
    client.record = { ...client.record, tokenHash };
    tokens.set(token, { experiment: runtime.record.id, client: client.record.id });
    const commit = runtime.queue.then(() =>
      options.store.commit(runtime.record.id, { clients: [client.record] }),
    );
    runtime.queue = commit.catch(() => {});
    await commit;
    return token;
  }

  function describe(runtime: Runtime, { record }: LiveClient, token: string): JoinReply {
    const { config } = runtime.record;
    const { data } = runtime;
    return {
      ok: true,
      client: record.id,
      token,
      slot: record.slot,
      seed: config.seed,
      experimentName: config.name,
      strategy: config.strategy,
      strategyConfig: config.strategyConfig as JoinReply["strategyConfig"],
      dataset: config.dataset,
      classes: [...data.classes],
      rounds: config.rounds,
      modality: record.modality,
      architecture: record.architecture,
      source: record.source,
      shard: data.slots[record.slot].shard,
      test: data.test,
      vocabulary: data.vocabulary,
    };
  }

  async function upload(runtime: Runtime, client: LiveClient, body: Requests["upload"]) {
    try {
      const { duplicate } = await checkUpload(runtime, client, body, blobs);
      if (duplicate) return { ok: true as const, duplicate: true };
    } catch (error) {
      const known = runtime.rounds.get(runtime.state.round);
      if (known) runtime.rounds.set(known.round, { ...known, refused: known.refused + 1 });
      options.log("upload refused", {
        client: client.record.id,
        round: body.round,
        message: messageOf(error),
      });
      changed(runtime);
      throw error;
    }
    const { id } = client.record;
    client.status = "done";
    client.accuracy = body.metrics.accuracy;
    await effects.dispatch(
      runtime,
      { type: "uploaded", client: id, hash: body.hash },
      { metrics: [{ round: body.round, client: id, metrics: body.metrics }] },
    );
    return { ok: true as const, duplicate: false };
  }

  function connect(connection: ServerConnection<TandemContract>): void {
    let session: { readonly runtime: Runtime; readonly client: LiveClient } | undefined;
    let unwatch = () => {};
    let lastProgress = 0;
    const joined = () => {
      if (!session || session.client.connection !== connection)
        throw new TandemError("unauthorised", "Join first.");
      return session;
    };
    type Reply<K extends keyof Requests> = TandemContract["requests"][K]["reply"];
    const handle = <K extends keyof Requests>(
      event: K,
      work: (body: Requests[K]) => Promise<Reply<K>>,
    ) =>
      connection.handle(event, async (body) => {
        try {
          return await work(body as Requests[K]);
        } catch (error) {
          return refusal(error) as Reply<K>; // every reply of the contract may be a refusal
        }
      });

    handle("join", async (body) => {
      const { reply, ...joining } = await join(connection, body);
      session = joining;
      changed(joining.runtime);
      return reply;
    });
    handle("ready", async ({ samples, device }) => {
      const { runtime, client } = joined();
      client.record = {
        ...client.record,
        samples: Math.min(samples, client.record.samples),
        device,
      };
      client.status = "ready";
      await effects.dispatch(runtime, { type: "ready", client: client.record.id });
      if (runtime.state.cohort.includes(client.record.id))
        await effects.instruct(runtime, client.record.id);
      return { ok: true };
    });
    handle("progress", async ({ stage, fraction }) => {
      const { runtime, client } = joined();
      const now = clock.now();
      if (now - lastProgress < 50)
        throw new TandemError("too-many", "At most 20 progress reports a second.");
      lastProgress = now;
      Object.assign(client, { stage, fraction });
      countControl(client);
      if (!runtime.state.ready.includes(client.record.id))
        await effects.dispatch(runtime, { type: "ready", client: client.record.id });
      changed(runtime);
      return { ok: true };
    });
    handle("upload", async (body) => {
      const { runtime, client } = joined();
      return upload(runtime, client, body);
    });
    handle("fail", async ({ round, message }) => {
      const { runtime, client } = joined();
      options.log("client failed a round", { client: client.record.id, round, message });
      if (round === runtime.state.round)
        await effects.dispatch(runtime, { type: "failed", client: client.record.id });
      return { ok: true };
    });
    handle("leave", async () => {
      const { runtime, client } = joined();
      client.status = "left";
      client.connection = undefined;
      client.record = { ...client.record, leftAt: clock.now() };
      await effects.dispatch(runtime, { type: "left", client: client.record.id });
      return { ok: true };
    });
    handle("watch", async ({ experiment }) => {
      await options.runtime(experiment);
      unwatch();
      unwatch = options.subscribe(experiment, (view) => connection.send("view", view));
      return { ok: true };
    });
    connection.onClose(() => {
      unwatch();
      if (!session || session.client.connection !== connection) return;
      const { runtime, client } = session;
      countControl(client);
      client.connection = undefined;
      client.status = "away";
      void effects.dispatch(runtime, { type: "left", client: client.record.id });
    });
  }

  return {
    connect,
    restoreClient(runtime: Runtime, record: ClientRecord) {
      const accuracy = runtime.metrics.filter((m) => m.client === record.id).at(-1)
        ?.metrics.accuracy;
      runtime.clients.set(record.id, { ...live(record), accuracy });
    },
    finishAll(runtime: Runtime, reason: string) {
      for (const { connection } of runtime.clients.values()) connection?.send("finish", { reason });
    },
  };
}
