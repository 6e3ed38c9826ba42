import { soleIdentity } from "@tandem/client/identity";
import { type OwnData, openOwnData } from "@tandem/client/own-data";
import { type Session, startSession } from "@tandem/client/session";
import type { SessionHost } from "@tandem/client/session-host";
import { createCoordinator } from "@tandem/coordinator/coordinator";
import { withAllSteps } from "@tandem/coordinator/steps";
import type { Clock } from "@tandem/core/clock";
import { TandemError } from "@tandem/core/errors";
import type { ExperimentConfig, MetricRecord } from "@tandem/core/experiment";
import type { FederatedData } from "@tandem/core/federated-data";
import type { JsonObject } from "@tandem/core/json";
import type { BlobStore } from "@tandem/core/stores";
import type { BackboneReference, EncoderReference } from "@tandem/core/task";
import type { Teacher } from "@tandem/core/teacher";
import type { Arrays } from "@tandem/core/tensor";
import type { Dataset } from "@tandem/datasets/dataset";
import { federate } from "@tandem/datasets/federation/federate";
import type { Backbone } from "@tandem/models/backbone/backbone";
import { openingFeaturiser } from "@tandem/models/backbone/features";
import type { LayersEncoder } from "@tandem/models/backbone/layers-encoder";
import { createModel } from "@tandem/models/registry";
import { createTrainer, type Featurise } from "@tandem/models/trainer";
import type { ExperimentView } from "@tandem/protocol/view";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { createMemoryClientStore, createMemoryKeyStore } from "@tandem/storage/memory-client";
import { createMemoryExperiments } from "@tandem/storage/memory-experiments";
import { type AnyStrategy, strategies, strategyNamed } from "@tandem/strategies/registry";
import { createMemoryPair } from "@tandem/transport/memory";
import { type Attack, attacked, attackersOf } from "./attacks";
import { type Faults, planFaults } from "./faults";
import { createFaultyClients } from "./faulty-clients";
import { observed, type Sent } from "./observed-channel";
import { poolPlaces } from "./pool-places";
import { sharingBlobs, startVirtualClient, takingTurns, type Virtual } from "./virtual-client";

export type SimulationOptions = SimulatedData & {
  /** Parsed as an admin's would be. */
  readonly config: Readonly<Record<string, unknown>> & { readonly rounds: number };
  /** Virtual clients, in the places 0 … clients - 1. */
  readonly clients: number;
  /** Clients that lie; absent: none. */
  readonly attack?: Attack;
  /** What befalls clients; absent: all answer every round. */
  readonly faults?: Faults;
  /** Memory is then that of those at work; not for clients that bring data, or that something befalls. */
  readonly virtual?: Virtual | undefined;
  readonly teacher: () => Promise<Teacher>;
  readonly clock: Clock;
  readonly onView?: (view: ExperimentView) => void;
  /** How many clients have joined, before the first round. */
  readonly onJoined?: (count: number) => void;
  /** Is told of everything that leaves a client. */
  readonly onSent?: (slot: number, sent: Sent) => void;
  readonly log?: (message: string) => void;
  readonly signal?: AbortSignal;
};

/** A data set to deal, or what each client brings; asked for once the configuration has been found right. */
type SimulatedData =
  | { readonly source: () => Promise<Dataset> }
  | {
      readonly own: readonly OwnData[];
      readonly federate: (config: ExperimentConfig, blobs: BlobStore) => Promise<FederatedData>;
      /** For a task that has one; the caller disposes of it. */
      readonly openBackbone?: (reference: BackboneReference) => Promise<Backbone>;
      /** Likewise. */
      readonly openEncoder?: (reference: EncoderReference) => Promise<LayersEncoder>;
    };

export type SimulationResult = {
  readonly view: ExperimentView;
  readonly metrics: readonly MetricRecord[];
  /** The places whose clients have lied. */
  readonly attackers: readonly number[];
  /** What the teacher has learned, in PEFT's names; absent: nothing. */
  readonly adapter?: Arrays;
};

/** The real coordinator, strategies and client runtime in one process. Needs a tfjs backend. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { clients, attack, virtual, onSent, signal } = options;
  if (virtual && ("own" in options || options.faults))
    throw new TandemError(
      "bad-config",
      "Clients that wait outside of memory neither bring data nor fail: leave --cohort or the others out.",
    );
  const turn = takingTurns(virtual?.atOnce ?? 1);
  const own = "own" in options ? options.own : undefined;
  const strategy = String(options.config.strategy);
  const strategyConfig = options.config.strategyConfig as JsonObject | undefined; // parsed below
  const attackers = attack ? attackersOf(attack, { clients, strategy, strategyConfig }) : [];
  const { rounds } = options.config;
  const plan = planFaults(options.faults ?? { seed: 0 }, { clients, rounds });
  const faulty = options.faults
    ? createFaultyClients(plan, { view: () => coordinator.view(id), clock: options.clock })
    : undefined;
  const blobs = createMemoryBlobs();
  const store = createMemoryExperiments();
  const sessions = new Map<number, Pick<Session, "leave">>();
  let ids = 0;
  const featuriserOf = sharedFeaturiser(options);
  const openEncoder = sharedEncoder(options);
  const coordinator = createCoordinator({
    store,
    blobs,
    clock: faulty?.clock ?? options.clock,
    strategies: faulty ? strategies.map((one) => betweenRounds(one, turnOver)) : strategies,
    teacher: options.teacher,
    federate: (config, into) => federated(options, config, into),
    // Counted, so that everything that is named by an id is the same in each run.
    random: {
      id: () => `s${String(++ids).padStart(4, "0")}`,
      token: () => `simulated-token-${++ids}`,
    },
    // What a liar scores says nothing of the strategy.
    isMeasured: ({ slot }) => !attackers.includes(slot),
    log: (message, fields) => options.log?.(`${message} ${JSON.stringify(fields ?? {})}`),
  });
  const { id, config } = await coordinator.create({ ...options.config, minClients: plan.fewest });
  faulty?.setDeadline(config.deadlineMs);

  async function start(slot: number): Promise<void> {
    const open = () => {
      const { client, server } = createMemoryPair({ blobs, meter: coordinator.meter });
      coordinator.connect(server);
      return onSent ? observed(client, (sent) => onSent(slot, sent)) : client;
    };
    const store = virtual ? sharingBlobs(virtual.storeOf(slot), blobs) : createMemoryClientStore();
    if (own) await openOwnData(store, config.dataset).write(own[slot]);
    const host = {
      channel: faulty?.channel(slot, open) ?? open(),
      store,
      keys: createMemoryKeyStore(),
      claimIdentity: soleIdentity,
      // Never time for a progress report: their number, and so the bytes, would be the machine's.
      now: () => plan.skew(slot),
      device: "simulated",
      strategy: (name: string, config: Parameters<AnyStrategy["client"]>[0]) => {
        const half = strategyNamed(name).client(config);
        return attack && attackers.includes(slot) ? attacked(half, attack, slot) : half;
      },
      createModel,
      openEncoder,
      createTrainer: ({ tokenizer, backbone }: TrainerOptions) =>
        createTrainer({ tokenizer, ...(backbone && { featurise: featuriserOf(backbone) }) }),
      update: () => {},
    };
    const place = { experiment: id, slot };
    sessions.set(
      slot,
      await (virtual
        ? startVirtualClient(host, { ...place, turn })
        : startSession(host, { ...place, ...(own && { task: config.dataset }) })),
    );
  }

  /** Who was silent comes back, who is to leave leaves, and who is to join does, before the next round. */
  async function turnOver(round: number): Promise<void> {
    await faulty?.returnAll();
    const slots = Array.from({ length: clients }, (_, slot) => slot);
    for (const slot of slots.filter((one) => plan.leaves(one) === round + 1))
      await sessions.get(slot)?.leave();
    for (const slot of slots.filter((one) => plan.joins(one) === round + 1)) await start(slot);
  }

  try {
    for (let slot = 0; slot < clients; slot++) {
      if (signal?.aborted) throw cancelled();
      if (plan.joins(slot) === 1) await start(slot);
      options.onJoined?.(slot + 1);
    }
    const view = await new Promise<ExperimentView>((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(cancelled()));
      coordinator.subscribe(id, (now) => {
        options.onView?.(now);
        if (now.status === "finished") resolve(now);
        if (now.status === "failed")
          reject(new TandemError("unavailable", now.error ?? "The experiment failed."));
      });
      coordinator.start(id).catch(reject);
    });
    const adapter = await coordinator.adapter(id, rounds);
    return { view, metrics: await store.metrics(id), attackers, ...(adapter && { adapter }) };
  } finally {
    await faulty?.returnAll();
    for (const session of sessions.values()) await session.leave();
    await coordinator.close();
  }
}

const cancelled = () => new TandemError("cancelled", "The simulation was cancelled.");

type TrainerOptions = Parameters<SessionHost["createTrainer"]>[0];

/** One for all clients: a task has one backbone. */
function sharedFeaturiser(options: SimulationOptions) {
  const { openBackbone } = "own" in options ? options : {};
  let featurise: Featurise | undefined;
  return (reference: BackboneReference): Featurise => {
    featurise ??= openingFeaturiser(async () => {
      if (openBackbone) return openBackbone(reference);
      throw new TandemError("bad-config", "The task has a backbone: say how it is opened.");
    });
    return featurise;
  };
}

/** Likewise: models are made of copies. */
function sharedEncoder(options: SimulationOptions): NonNullable<SessionHost["openEncoder"]> {
  const open = "own" in options ? options.openEncoder : undefined;
  let opened: Promise<LayersEncoder> | undefined;
  return async (reference) => {
    if ("files" in reference) throw new Error("virtual clients bring no encoders");
    if (!open)
      throw new TandemError("bad-config", "The task has an encoder: say how it is opened.");
    opened ??= open(reference);
    const { make, source } = await opened;
    return {
      createModel: (options) => createModel({ ...options, encoder: make }),
      encoder: source,
    };
  };
}

/** Throws `bad-config` where there is not the data that the clients or the strategy need. */
async function federated(
  options: SimulationOptions,
  config: ExperimentConfig,
  blobs: BlobStore,
): Promise<FederatedData> {
  const { clients } = options;
  const { pooledData } = strategyNamed(config.strategy).needs;
  if ("source" in options) {
    const source = await options.source();
    if (!pooledData) return federate(source, config, blobs);
    // Where nobody has joined yet nothing is kept, and what is dealt has to be read to be pooled.
    const dealt = createMemoryBlobs();
    const both = {
      ...dealt,
      put: async (bytes: Uint8Array) => {
        await dealt.put(bytes);
        return blobs.put(bytes);
      },
    };
    return poolPlaces(await federate(source, config, both), clients, both);
  }
  const bad = (message: string) => new TandemError("bad-config", message);
  if (pooledData)
    throw bad(
      `${config.strategy} pools the data of all, and here each brings its own: use another.`,
    );
  if (options.own.length !== clients)
    throw bad(`There is data of ${options.own.length} for ${clients} clients: give one for each.`);
  return options.federate(config, blobs);
}

/** The strategy with something else done once in each round when its answers are in. */
function betweenRounds(
  strategy: AnyStrategy,
  work: (round: number) => Promise<void>,
): Pick<AnyStrategy, "name" | "needs" | "parse" | "server"> {
  const done = new Map<number, Promise<void>>();
  return {
    ...strategy,
    server(config) {
      const half = withAllSteps(strategy.server(config));
      return {
        ...half,
        async teach(state, env) {
          const once = done.get(env.round) ?? work(env.round);
          done.set(env.round, once);
          await once;
          return half.teach(state, env);
        },
      };
    },
  };
}
