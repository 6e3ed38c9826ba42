import { soleIdentity } from "@tandem/client/identity";
import { type Session, startSession } from "@tandem/client/session";
import { createCoordinator } from "@tandem/coordinator/coordinator";
import type { Clock } from "@tandem/core/clock";
import { TandemError } from "@tandem/core/errors";
import type { MetricRecord } from "@tandem/core/experiment";
import type { Teacher } from "@tandem/core/teacher";
import type { Dataset } from "@tandem/datasets/dataset";
import { federate } from "@tandem/datasets/federate";
import { createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import type { ExperimentView } from "@tandem/protocol/view";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { createMemoryClientStore } from "@tandem/storage/memory-client";
import { createMemoryExperiments } from "@tandem/storage/memory-experiments";
import { strategies, strategyNamed } from "@tandem/strategies/registry";
import { createMemoryPair } from "@tandem/transport/memory";
import { type Attack, attacked, attackersOf } from "./attacks";
import { poolPlaces } from "./pool-places";

export type SimulationOptions = {
  /** Parsed as an admin's would be. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Virtual clients, in the places 0 … clients - 1. */
  readonly clients: number;
  /** Clients that lie; absent: none. */
  readonly attack?: Attack;
  readonly source: Dataset;
  readonly teacher: () => Promise<Teacher>;
  readonly clock: Clock;
  readonly onView?: (view: ExperimentView) => void;
  readonly log?: (message: string) => void;
  readonly signal?: AbortSignal;
};

export type SimulationResult = {
  readonly view: ExperimentView;
  readonly metrics: readonly MetricRecord[];
  /** The places whose clients have lied. */
  readonly attackers: readonly number[];
};

/** The real coordinator, strategies and client runtime in one process. Needs a tfjs backend. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { clients, attack, source, clock, signal } = options;
  const strategy = String(options.config.strategy);
  const attackers = attack ? attackersOf(attack, { clients, strategy }) : [];
  const blobs = createMemoryBlobs();
  const store = createMemoryExperiments();
  let ids = 0;
  const coordinator = createCoordinator({
    store,
    blobs,
    clock,
    strategies,
    teacher: options.teacher,
    federate: async (config) => {
      const data = await federate(source, config, blobs);
      const { pooledData } = strategyNamed(config.strategy).needs;
      return pooledData ? poolPlaces(data, clients, blobs) : data;
    },
    // Counted, so that everything that is named by an id is the same in each run.
    random: {
      id: () => `s${String(++ids).padStart(4, "0")}`,
      token: () => `simulated-token-${++ids}`,
    },
    log: (message, fields) => options.log?.(`${message} ${JSON.stringify(fields ?? {})}`),
  });
  const { id } = await coordinator.create({ ...options.config, minClients: clients });
  const sessions: Session[] = [];
  try {
    for (let slot = 0; slot < clients; slot++) {
      const { client, server } = createMemoryPair({ blobs, meter: coordinator.meter });
      coordinator.connect(server);
      const host = {
        channel: client,
        store: createMemoryClientStore(),
        claimIdentity: soleIdentity,
        // Never time for a progress report: their number, and so the bytes, would be the machine's.
        now: () => 0,
        device: "simulated",
        strategy: (
          name: string,
          config: Parameters<ReturnType<typeof strategyNamed>["client"]>[0],
        ) => {
          const half = strategyNamed(name).client(config);
          return attack && attackers.includes(slot) ? attacked(half, attack, slot) : half;
        },
        createModel,
        createTrainer,
        update: () => {},
      };
      sessions.push(await startSession(host, { experiment: id, slot }));
    }
    const view = await new Promise<ExperimentView>((resolve, reject) => {
      signal?.addEventListener("abort", () =>
        reject(new TandemError("cancelled", "The simulation was cancelled.")),
      );
      coordinator.subscribe(id, (now) => {
        options.onView?.(now);
        if (now.status === "finished") resolve(now);
        if (now.status === "failed")
          reject(new TandemError("unavailable", now.error ?? "The experiment failed."));
      });
      coordinator.start(id).catch(reject);
    });
    return { view, metrics: await store.metrics(id), attackers };
  } finally {
    for (const session of sessions) await session.leave();
    await coordinator.close();
  }
}
