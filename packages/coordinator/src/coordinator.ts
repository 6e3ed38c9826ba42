import type { Clock } from "@tandem/core/clock";
import { messageOf, TandemError } from "@tandem/core/errors";
import type {
  ClientRecord,
  ExperimentConfig,
  ExperimentRecord,
  Phase,
} from "@tandem/core/experiment";
import type { FederatedData } from "@tandem/core/federated-data";
import {
  type BlobHash,
  type ClientId,
  clientId,
  type ExperimentId,
  experimentId,
} from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import type { BlobStore, ExperimentStore } from "@tandem/core/stores";
import type { Gallery, Needs, ServerHalf } from "@tandem/core/strategy";
import type { Teacher } from "@tandem/core/teacher";
import { type Arrays, arrayOf, type TensorOf } from "@tandem/core/tensor";
import type { TandemConnection } from "@tandem/protocol/events";
import { experimentConfig } from "@tandem/protocol/experiment-config";
import { decodePayload } from "@tandem/protocol/payload-codec";
import type { ExperimentView } from "@tandem/protocol/view";
import { roundState } from "./commits";
import { createEffects } from "./effects";
import { initialRound, type RoundEvent } from "./round/round-state";
import { addBytes, liveClient, type Runtime } from "./runtime";
import { createSessions } from "./sessions";
import { hashToken } from "./tokens";
import { viewOf } from "./view";

/** What the coordinator needs of a strategy. */
export type CoordinatedStrategy = {
  readonly name: string;
  readonly needs: Needs;
  parse(config: JsonObject): JsonObject;
  server(config: JsonObject): ServerHalf;
};

export type ObservedCommit = {
  readonly events: readonly RoundEvent[];
  /** The phase that has ended with it, pauses and restarts included. */
  readonly ended?: { readonly phase: Phase; readonly ms: number };
};

export type CoordinatorOptions = {
  readonly store: ExperimentStore;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly strategies: readonly CoordinatedStrategy[];
  readonly teacher: (config: ExperimentConfig) => Promise<Teacher>;
  readonly federate: (config: ExperimentConfig) => Promise<FederatedData>;
  readonly random: { readonly id: () => string; readonly token: () => string };
  /** Whose accuracy counts in a round's mean; everybody's by default. */
  readonly isMeasured?: (client: ClientRecord) => boolean;
  readonly log: (message: string, fields?: JsonObject) => void;
  /** Is told of every commit. */
  readonly observe?: (commit: ObservedCommit) => void;
};

export type Coordinator = ReturnType<typeof createCoordinator>;

/** Runs experiments: commits every step, then does what the step asks for. */
export function createCoordinator(options: CoordinatorOptions) {
  const { store, blobs, clock, random } = options;
  const runtimes = new Map<ExperimentId, Promise<Runtime>>();
  const listeners = new Map<ExperimentId, Set<(view: ExperimentView) => void>>();
  const loaded = new Map<ExperimentId, Runtime>();
  const scheduled = new Set<ExperimentId>();
  const strategyOf = (name: string) => {
    const found = options.strategies.find((strategy) => strategy.name === name);
    const known = options.strategies.map((strategy) => strategy.name).join(", ");
    if (!found)
      throw new TandemError("bad-config", `There is no strategy "${name}": use one of ${known}.`);
    return found;
  };
  const present = (runtime: Runtime) => viewOf(runtime, runtime.server.gallery !== undefined);

  /** Tells the watchers, at most five times a second, and always the last state. */
  function changed(runtime: Runtime) {
    const { id } = runtime.record;
    if (scheduled.has(id) || !listeners.get(id)?.size) return;
    scheduled.add(id);
    clock.after(200, () => {
      scheduled.delete(id);
      if (runtime.closed) return;
      const view = present(runtime);
      for (const listener of listeners.get(id) ?? []) listener(view);
    });
  }

  const effects = createEffects({ ...options, changed });
  const sessions = createSessions({
    ...options,
    changed,
    effects,
    needsOf: ({ record }) => strategyOf(record.config.strategy).needs,
    runtime,
    subscribe,
  });

  /** The runtime of an experiment, loaded from the store when it is first asked for. */
  function runtime(id: ExperimentId): Promise<Runtime> {
    const known = runtimes.get(id) ?? load(id);
    runtimes.set(id, known);
    known.catch(() => runtimes.delete(id));
    return known;
  }

  async function load(id: ExperimentId, data?: FederatedData): Promise<Runtime> {
    const stored = await store.get(id);
    // What was created before a field existed has the field's default.
    const config: ExperimentConfig = experimentConfig.parse(stored.config);
    const record = { ...stored, config };
    const strategy = strategyOf(config.strategy);
    const target: Runtime = {
      record,
      state: roundState(record.state),
      server: strategy.server(config.strategyConfig),
      needsTeacher: strategy.needs.teacher,
      data: retriable(async () => data ?? options.federate(config)),
      clients: new Map((await store.clients(id)).map((client) => [client.id, liveClient(client)])),
      rounds: new Map((await store.rounds(id)).map((round) => [round.round, round])),
      metrics: [...(await store.metrics(id))],
      decoded: undefined,
      queue: Promise.resolve(),
      joins: Promise.resolve(),
      doubtful: false,
      closed: false,
      work: undefined,
      cancelDeadline: () => {},
      deadlineAt: 0,
      progress: { fraction: 0, note: "" },
      unsaved: { up: 0, down: 0 },
    };
    for (const { client, metrics } of target.metrics) {
      const live = client && target.clients.get(client);
      if (live && metrics.accuracy !== undefined) live.accuracy = metrics.accuracy;
    }
    for (const client of target.clients.values()) {
      if (target.state.ready.includes(client.record.id)) sessions.expect(target, client);
      else client.awaySince = clock.now();
    }
    loaded.set(id, target);
    // Whatever was under way when the server stopped begins again.
    if (target.state.status === "running") effects.insist(target, { type: "recovered" });
    return target;
  }

  async function create(input: unknown): Promise<ExperimentView> {
    const parsed = experimentConfig.safeParse(input);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new TandemError(
        "bad-config",
        `${issue.path.join(".") || "experiment"}: ${issue.message}`,
      );
    }
    const config: ExperimentConfig = parsed.data;
    if (config.minClients > config.slots)
      throw new TandemError(
        "bad-config",
        `minClients: ${config.minClients} clients do not fit ${config.slots} places.`,
      );
    const strategyConfig = strategyOf(config.strategy).parse(config.strategyConfig);
    const data = await options.federate(config); // refuses what it cannot provide
    const now = clock.now();
    const record: ExperimentRecord = {
      id: experimentId(random.id()),
      config: { ...config, strategyConfig },
      status: "draft",
      state: initialRound as unknown as JsonObject, // plain JSON by its type
      sequence: 0,
      createdAt: now,
      updatedAt: now,
    };
    await store.create(record);
    const target = load(record.id, data);
    runtimes.set(record.id, target);
    return present(await target);
  }

  const command = (type: "started" | "paused" | "resumed") => async (id: ExperimentId) => {
    const target = await runtime(id);
    await effects.dispatch(target, { type });
    return present(target);
  };

  function subscribe(id: ExperimentId, listener: (view: ExperimentView) => void): () => void {
    const own = listeners.get(id) ?? new Set();
    listeners.set(id, own.add(listener));
    runtime(id).then(
      (target) => listener(present(target)),
      () => own.delete(listener),
    );
    return () => own.delete(listener);
  }

  async function gallery(
    id: ExperimentId,
    round: number,
  ): Promise<{
    readonly gallery: Gallery;
    readonly images: TensorOf<"u8">;
    readonly classes: readonly string[];
  }> {
    const target = await runtime(id);
    const hash = target.rounds.get(round)?.stateHash;
    const state = hash && decodePayload(await blobs.get(hash));
    const found = state && target.server.gallery?.(state);
    if (!state || !found)
      throw new TandemError("not-found", `Round ${round} has no pictures to show.`);
    return {
      gallery: found,
      images: arrayOf(state.arrays, found.images, "u8"),
      classes: (await target.data()).classes,
    };
  }

  /** The adapter that a round has ended with, in PEFT's names; undefined if it has left none. */
  async function adapter(id: ExperimentId, round: number): Promise<Arrays | undefined> {
    const { server, rounds } = await runtime(id);
    const { stateHash, endedAt } = rounds.get(round) ?? {};
    if (!server.adapter || endedAt === undefined || !stateHash) return undefined;
    if (!(await blobs.has(stateHash))) return undefined; // someone has made room
    return server.adapter(decodePayload(await blobs.get(stateHash)));
  }

  return {
    create,
    start: command("started"),
    pause: command("paused"),
    resume: command("resumed"),
    async remove(id: ExperimentId) {
      const target = await runtime(id);
      shut(target);
      await target.queue;
      for (const { connection } of target.clients.values())
        connection?.send("finish", { reason: "The experiment has been removed." });
      runtimes.delete(id);
      loaded.delete(id);
      listeners.delete(id);
      await store.remove(id);
    },
    list: async () => (await loadAll()).map(present),
    view: async (id: ExperimentId) => present(await runtime(id)),
    gallery,
    adapter,
    subscribe,
    connect: (connection: TandemConnection) => sessions.connect(connection),
    authorise,
    /** Blob traffic of the client that a token belongs to; with its hash, data is told apart. */
    meter(token: string, direction: "up" | "down", bytes: number, hash?: BlobHash) {
      const owner = authorise(token);
      const target = owner && loaded.get(owner.experiment);
      const client = owner && target?.clients.get(owner.client);
      if (!target || !client) return;
      const sums = direction === "up" ? { up: bytes, down: 0 } : { up: 0, down: bytes };
      const isInstruction =
        hash === undefined || target.state.instructions[client.record.id]?.hash === hash;
      addBytes(target, client, sums, direction === "down" && !isInstruction);
    },
    /** After a restart: every running experiment goes on where it was. */
    async recover() {
      await loadAll();
    },
    /** Tells everyone that the server goes away now and when to come back. */
    announceRestart: sessions.announceRestart,
    async close() {
      for (const target of loaded.values()) {
        shut(target);
        await target.queue;
      }
    },
  };

  /** All experiments but those that cannot be read, which are named in the log. */
  async function loadAll(): Promise<readonly Runtime[]> {
    const all: Runtime[] = [];
    for (const { id } of await store.list())
      try {
        all.push(await runtime(id));
      } catch (error) {
        options.log("experiment cannot be loaded", { id, message: messageOf(error) });
      }
    return all;
  }

  /** Whose token it is, also before its owner has come back after a restart. */
  function authorise(
    token: string,
  ): { readonly experiment: ExperimentId; readonly client: ClientId } | undefined {
    const hash = hashToken(token);
    for (const [experiment, { clients }] of loaded)
      for (const { record } of clients.values())
        if (record.tokenHash === hash && record.leftAt === undefined)
          return { experiment, client: clientId(record.id) };
    return undefined;
  }

  function shut(target: Runtime): void {
    target.closed = true;
    target.work?.abort.abort();
    target.cancelDeadline();
    for (const client of target.clients.values()) client.cancelAway();
  }
}

/** Remembers a success, and tries again after a failure. */
function retriable<T>(load: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= load().catch((error) => {
      result = undefined;
      throw error;
    });
    return result;
  };
}
