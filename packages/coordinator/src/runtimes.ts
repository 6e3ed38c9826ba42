import { messageOf, TandemError } from "@tandem/core/errors";
import type { ExperimentConfig, ExperimentRecord } from "@tandem/core/experiment";
import type { FederatedData } from "@tandem/core/federated-data";
import { type BlobReference, type ClientId, clientId, type ExperimentId } from "@tandem/core/ids";
import { lazily } from "@tandem/core/lazily";
import type { BlobStore, History } from "@tandem/core/stores";
import { experimentConfig } from "@tandem/protocol/experiment-config";
import { sha256Hex } from "@tandem/protocol/sha256";
import type { Attendance } from "./attendance";
import type { BlobKeeper } from "./blob-keeper";
import type { Commits } from "./commits";
import { concludeHere } from "./concluding";
import { consentOf } from "./consent";
import { decodedStates } from "./decoded-states";
import { isErased } from "./erased-record";
import { connectionOf, liveClient, stopWaiting } from "./live-client";
import { MetricTable } from "./metric-table";
import { createOutlines } from "./outlines";
import type { CoordinatedStrategy, CoordinatorOptions } from "./ports";
import { rosterOf } from "./roster";
import { storedState } from "./round/checkpoint";
import { type Runtime, roundsOf, rulesOf } from "./runtime";
import { hashToken } from "./tokens";
import { readHere } from "./upload-reader";
import { removal } from "./watchers";

/** `data`: what it is dealt, where that is known. */
export type Planned = { readonly record: ExperimentRecord; readonly data?: FederatedData };
export type Owner = { readonly experiment: ExperimentId; readonly client: ClientId };

/** The experiments of the store, each loaded when it is first asked for, and kept until it is closed. */
export function createRuntimes(
  options: CoordinatorOptions & {
    readonly strategyOf: (name: string) => CoordinatedStrategy;
    readonly commits: Commits;
    readonly attendance: Attendance;
    readonly keeper: BlobKeeper;
  },
) {
  const { store, clock, strategyOf, commits, attendance, keeper } = options;
  const runtimes = new Map<ExperimentId, Promise<Runtime>>();
  const loaded = new Map<ExperimentId, Runtime>();

  async function load(id: ExperimentId, data?: FederatedData): Promise<Runtime> {
    const stored = await store.get(id);
    // What was created before a field existed has the field's default, or what stands for what was there.
    const parsed = experimentConfig.parse({ ...unlimited, ...stored.config });
    const { formerly } = strategyOf(parsed.strategy);
    const strategyConfig = { ...formerly, ...parsed.strategyConfig };
    const config: ExperimentConfig = { ...parsed, strategyConfig };
    const target = await newRuntime({ ...stored, config }, data);
    for (const client of target.clients.values())
      if (target.state.ready.has(client.record.id)) attendance.expect(target, client);
    loaded.set(id, target);
    // Whatever was under way when the server stopped begins again.
    if (target.state.status === "running") commits.insist(target, { type: "recovered" });
    return target;
  }

  async function newRuntime(record: ExperimentRecord, data?: FederatedData): Promise<Runtime> {
    const { id, config } = record;
    const strategy = strategyOf(config.strategy);
    const known = lazily(async () => data ?? options.federate(config, noBlobs)).get;
    const metrics = new MetricTable(await store.metrics(id));
    const clients = (await store.clients(id)).map((one) => liveClient(one, clock.now(), one));
    for (const client of clients) {
      const own = [...metrics.ofClient(client.record.id)];
      client.hasAnswered = own.length > 0 || isErased(client.record);
      client.accuracy = own.findLast((one) => one.metrics.accuracy !== undefined)?.metrics.accuracy;
    }
    const roster = rosterOf(clients);
    roster.touched.clear(); // as the store has them
    const server = strategy.server(config.strategyConfig);
    const state = await storedState(store, rulesOf({ record, server }), record);
    return {
      record,
      state,
      server,
      uploads: options.uploads?.(strategy.name, config.strategyConfig) ?? readHere(server),
      concluder: options.concluder?.(strategy.name, config.strategyConfig) ?? concludeHere(server),
      outlines: createOutlines(server),
      needs: strategy.needs,
      consent: consentOf({ ...config, rounds: roundsOf({ record, state }) }, strategy),
      data: known,
      deal: lazily(async () => {
        keeper.holdData(id, referencesOf(await known()));
        return options.federate(config, keeper.of(id));
      }).get,
      clients: roster,
      rounds: new Map((await store.rounds(id)).map((round) => [round.round, round])),
      metrics,
      load: decodedStates(options.blobs),
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
  }

  /** Throws `not-found`; what could not be loaded is tried again the next time. */
  function get(id: ExperimentId): Promise<Runtime> {
    return runtimes.get(id) ?? keep(id, load(id));
  }

  function keep(id: ExperimentId, target: Promise<Runtime>): Promise<Runtime> {
    runtimes.set(id, target);
    target.catch(() => runtimes.delete(id));
    return target;
  }

  async function close(id: ExperimentId): Promise<void> {
    const target = loaded.get(id);
    if (!target) return;
    target.closed = true;
    target.work?.abort.abort();
    target.cancelDeadline();
    for (const client of target.clients.values()) {
      stopWaiting(client);
      client.idle?.();
    }
    await target.queue;
  }

  return {
    get,
    loaded: (id: ExperimentId) => loaded.get(id),
    /** All of them, or none. */
    async create(planned: readonly Planned[]): Promise<readonly Runtime[]> {
      await store.create(...planned.map(({ record }) => record));
      return Promise.all(planned.map(({ record: { id }, data }) => keep(id, load(id, data))));
    },
    /** One that has happened elsewhere. */
    async adopt(record: ExperimentRecord, history: History): Promise<Runtime> {
      await store.adopt(record, history);
      return keep(record.id, load(record.id));
    },
    /** All experiments but those that cannot be read, which are named in the log. */
    async all(): Promise<readonly Runtime[]> {
      const all: Runtime[] = [];
      for (const { id } of await store.list())
        try {
          all.push(await get(id));
        } catch (error) {
          options.log("experiment cannot be loaded", { id, message: messageOf(error) });
        }
      return all;
    },
    async remove(id: ExperimentId): Promise<void> {
      const { clients } = await get(id);
      await close(id);
      const named = (await options.storage?.namedBy(id)) ?? new Set();
      for (const client of clients.values()) connectionOf(client)?.send("finish", removal);
      runtimes.delete(id);
      loaded.delete(id);
      await store.remove(id);
      await keeper.forgetExperiment(id, named);
    },
    async closeAll(): Promise<void> {
      for (const id of loaded.keys()) await close(id);
    },
    /** Whose token it is, also before its owner has come back after a restart. */
    ownerOf(token: string): Owner | undefined {
      const hash = hashToken(token);
      for (const [experiment, { clients }] of loaded) {
        const record = clients.ofToken(hash)?.record;
        if (record && record.leftAt === undefined)
          return { experiment, client: clientId(record.id) };
      }
      return undefined;
    },
  };
}

/** What was created before there was a limit to it is kept until it is deleted. */
const unlimited = { retentionDays: 0 };

/** Everything that clients of an experiment fetch. */
const referencesOf = ({ slots, test, vocabulary }: FederatedData): readonly BlobReference[] => [
  ...slots.flatMap(({ shard }) => shard ?? []),
  ...(test ? [test] : []),
  vocabulary,
];

/** Says what bytes are called, and keeps none: what nobody has joined fills no disk. */
export const noBlobs: BlobStore = {
  put: sha256Hex,
  has: async () => false,
  async get(hash) {
    throw new TandemError("not-found", `there is no blob ${hash}`);
  },
};
