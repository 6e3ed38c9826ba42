import type { ServerConnection } from "@tandem/core/channel";
import type { Clock } from "@tandem/core/clock";
import { messageOf, TandemError } from "@tandem/core/errors";
import type { ExperimentConfig, ExperimentRecord } from "@tandem/core/experiment";
import type { FederatedData } from "@tandem/core/federated-data";
import {
  blobHash,
  type ClientId,
  clientId,
  type ExperimentId,
  experimentId,
} from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import type { BlobStore, ExperimentStore } from "@tandem/core/stores";
import type { Gallery, Needs, ServerHalf } from "@tandem/core/strategy";
import type { Teacher } from "@tandem/core/teacher";
import { arrayOf, type TensorOf } from "@tandem/core/tensor";
import type { TandemContract } from "@tandem/protocol/events";
import { experimentConfig } from "@tandem/protocol/experiment";
import { decodePayload } from "@tandem/protocol/payload";
import type { ExperimentView } from "@tandem/protocol/view";
import { createEffects } from "./effects";
import { addBytes, type Runtime } from "./experiment-runtime";
import { initialRound, type RoundState, restart } from "./round";
import { createSessions } from "./sessions";
import { viewOf } from "./view";

/** What the coordinator needs of a strategy. */
export type CoordinatedStrategy = {
  readonly name: string;
  readonly needs: Needs;
  parse(config: JsonObject): JsonObject;
  server(config: JsonObject): ServerHalf;
};

export type CoordinatorOptions = {
  readonly store: ExperimentStore;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly strategies: readonly CoordinatedStrategy[];
  readonly teacher: () => Promise<Teacher>;
  readonly federate: (config: ExperimentConfig) => Promise<FederatedData>;
  readonly random: { readonly id: () => string; readonly token: () => string };
  readonly log: (message: string, fields?: JsonObject) => void;
};

export type Coordinator = ReturnType<typeof createCoordinator>;

/** Runs experiments: commits every step, then does what the step asks for. */
export function createCoordinator(options: CoordinatorOptions) {
  const { store, blobs, clock, random } = options;
  const runtimes = new Map<ExperimentId, Promise<Runtime>>();
  const listeners = new Map<ExperimentId, Set<(view: ExperimentView) => void>>();
  const scheduled = new Set<ExperimentId>();
  const tokens = new Map<
    string,
    { readonly experiment: ExperimentId; readonly client: ClientId }
  >();

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
      for (const listener of listeners.get(id) ?? []) listener(present(runtime));
    });
  }

  const effects = createEffects({ ...options, changed });
  const sessions = createSessions({
    ...options,
    changed,
    tokens,
    effects,
    strategyOf,
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

  async function load(id: ExperimentId): Promise<Runtime> {
    const record = await store.get(id);
    const { config } = record;
    const strategy = strategyOf(config.strategy);
    const state = { ...(record.state as unknown as RoundState), ready: [] }; // written by this file
    const loaded: Runtime = {
      record,
      state,
      server: strategy.server(config.strategyConfig),
      data: await options.federate(config),
      clients: new Map(),
      rounds: new Map((await store.rounds(id)).map((round) => [round.round, round])),
      metrics: [...(await store.metrics(id))],
      strategyState: state.strategyState
        ? decodePayload(await blobs.get(blobHash(state.strategyState)))
        : undefined,
      queue: Promise.resolve(),
      cancelDeadline: () => {},
      abort: new AbortController(),
      progress: { fraction: 0, note: "" },
    };
    for (const client of await store.clients(id)) sessions.restoreClient(loaded, client);
    return loaded;
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
    return present(await runtime(record.id));
  }

  const command = (type: "started" | "paused" | "resumed") => async (id: ExperimentId) => {
    const target = await runtime(id);
    if (type === "paused") {
      target.abort.abort();
      target.abort = new AbortController();
    }
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
      classes: target.data.classes,
    };
  }

  return {
    create,
    start: command("started"),
    pause: command("paused"),
    resume: command("resumed"),
    async remove(id: ExperimentId) {
      const target = await runtime(id);
      target.abort.abort();
      target.cancelDeadline();
      sessions.finishAll(target, "The experiment has been removed.");
      runtimes.delete(id);
      await store.remove(id);
    },
    list: async () =>
      Promise.all((await store.list()).map(async ({ id }) => present(await runtime(id)))),
    view: async (id: ExperimentId) => present(await runtime(id)),
    gallery,
    subscribe,
    connect: (connection: ServerConnection<TandemContract>) => sessions.connect(connection),
    authorise: (token: string) => tokens.get(token),
    /** Blob traffic of the client that a token belongs to. */
    meter(token: string, direction: "up" | "down", bytes: number) {
      const owner = tokens.get(token);
      if (!owner) return;
      void runtime(owner.experiment).then((target) => {
        const client = target.clients.get(clientId(owner.client));
        if (client)
          addBytes(client, direction === "up" ? bytes : 0, direction === "down" ? bytes : 0);
      });
    },
    /** After a restart: every running experiment goes on where it was. */
    async recover() {
      for (const { id, status } of await store.list()) {
        if (status !== "running") continue;
        try {
          const target = await runtime(id);
          const step = restart(target.record.config, target.state);
          target.state = step.state;
          effects.perform(target, step.effects);
        } catch (error) {
          options.log("experiment could not be recovered", { id, message: messageOf(error) });
        }
      }
    },
    async close() {
      for (const known of runtimes.values()) {
        const target = await known.catch(() => undefined);
        target?.cancelDeadline();
        target?.abort.abort();
        await target?.queue;
      }
    },
  };
}
