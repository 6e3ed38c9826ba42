import { setTimeout as sleep } from "node:timers/promises";
import { TandemError } from "@tandem/core/errors";
import type { ExperimentView } from "@tandem/protocol/view";
import type { ChildWork } from "../harness/child-job";
import { type Api, createApi } from "../harness/rest-client";
import { type ServerMemory, serverMemory } from "../harness/server-memory";
import { addressOf } from "./addresses";
import { type SwarmClient, startSwarmClient } from "./client";
import { freshWeights } from "./fresh-weights";

export type RoundsJob = {
  /** Of a server on this machine that believes it as a proxy. */
  readonly url: string;
  readonly metricsToken: string;
  readonly clients: number;
  readonly parameters: number;
  /** To be measured at most, after a first one in which clients still join. */
  readonly rounds: number;
  /** After which no further round is waited for, once two have been measured. */
  readonly seconds: number;
  /** Seconds that each client waits before an answer, as if it trained. */
  readonly compute?: number;
};

export type RoundsReport = {
  readonly rounds: number;
  readonly seconds: number;
  /** Of each upload of these rounds. */
  readonly acknowledgedMs: readonly number[];
  /** When they were done. */
  readonly view: ExperimentView;
  readonly server: ServerMemory;
};

export type Rounds = ChildWork<RoundsJob, RoundsReport>;

/** Of one experiment; the first is not measured. */
export const mostRounds = 999;
/** What each says that it brings; nobody sees it. */
const own = { modality: "text", samples: 20, heldOut: 5 } as const;
const [lookMs, patienceMs, joiningAtOnce, fewest] = [200, 120_000, 16, 2] as const;

/** FedAvg's rounds with clients in this process that train nothing: how fast the server is. */
export const playRounds: Rounds = async (job, note) => {
  const { clients: count, parameters, compute = 0 } = job;
  const api = createApi(job.url);
  const id = await openExperiment(api, job);
  const answer = await freshWeights(parameters, `${count} x ${parameters}`);
  const watch = watchRounds(job.rounds);
  const clients: SwarmClient[] = [];
  let memory: ServerMemory = { residentBytes: 0, heapBytes: 0 };
  try {
    await startAll(count, async (i) => {
      clients.push(
        await startSwarmClient({
          ...{ url: job.url, experiment: id, address: addressOf(i), own, answer },
          computeMs: 1000 * compute,
          ...watch.hears,
        }),
      );
      note(`${clients.length} of ${count} clients have joined`);
    });
    watch.everybodyIsIn();
    for (let at = 0; !watch.isOver(job.seconds); at += lookMs) {
      watch.throwIfFailed();
      await sleep(lookMs);
      if (at % 1000 !== 0) continue;
      memory = largest(memory, await serverMemory(job.url, job.metricsToken));
      if (watch.silentMs() > patienceMs) refuseFailed(await api.view(id));
      note(watch.summary());
    }
    const measured = watch.measured();
    return { ...measured, view: await api.view(id), server: memory };
  } finally {
    for (const client of clients) client.close();
  }
};

async function openExperiment(api: Api, { clients, rounds }: RoundsJob): Promise<string> {
  const task = await api.createTask({
    name: "Swarm",
    classes: [{ name: "this" }, { name: "that" }],
    modalities: ["text"],
    least: { participant: 1, class: 1 },
  });
  const { id } = await api.create({
    name: "Swarm",
    strategy: "fedavg",
    dataset: task.id,
    rounds: 1 + Math.min(mostRounds, rounds),
    ...{ slots: clients, minClients: clients, quorum: 1, deadlineMs: 86_400_000 },
  });
  await api.start(id);
  return id;
}

async function startAll(count: number, start: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const some = async () => {
    while (next < count) await start(next++);
  };
  await Promise.all(Array.from({ length: joiningAtOnce }, some));
}

function watchRounds(most: number) {
  const begun = new Map<number, number>();
  const acknowledged = new Map<number, number[]>();
  let [latest, heardAt] = [0, performance.now()];
  let failure: unknown;
  const begin = (round: number) => {
    if (begun.has(round)) return;
    heardAt = performance.now();
    begun.set(round, heardAt);
    latest = Math.max(latest, round);
  };
  /** Rounds that have ended, from the second on, and what they took. */
  const done = () => ({
    rounds: Math.max(0, latest - 2),
    seconds: ((begun.get(latest) ?? 0) - (begun.get(2) ?? 0)) / 1000,
  });
  return {
    hears: {
      onInstruction: begin,
      onAcknowledged(round: number, ms: number) {
        heardAt = performance.now();
        const of = acknowledged.get(round) ?? [];
        acknowledged.set(round, of);
        of.push(ms);
      },
      onFinish: () => begin(latest + 1),
      onFailed(error: unknown) {
        failure ??= error;
      },
    },
    everybodyIsIn() {
      heardAt = performance.now();
    },
    throwIfFailed() {
      if (failure) throw failure;
    },
    silentMs: () => performance.now() - heardAt,
    isOver(seconds: number) {
      const { rounds } = done();
      const measuredFor = (performance.now() - (begun.get(2) ?? Number.POSITIVE_INFINITY)) / 1000;
      return rounds >= most || (rounds >= fewest && measuredFor >= seconds);
    },
    summary() {
      const { rounds, seconds } = done();
      const rate = rounds > 0 ? `, ${(rounds / seconds).toFixed(2)} rounds/s` : "";
      return `round ${latest}, ${acknowledged.get(latest)?.length ?? 0} answers${rate}`;
    },
    measured() {
      const of = Array.from(acknowledged, ([round, ms]) => (isMeasured(round) ? ms : []));
      return { ...done(), acknowledgedMs: of.flat() };
    },
  };
  function isMeasured(round: number) {
    return round >= 2 && round < latest;
  }
}

function refuseFailed({ status, round, error }: ExperimentView): void {
  if (status === "failed") throw new Error(`the experiment failed: ${error}`);
  if (status === "finished") return;
  throw new TandemError(
    "timeout",
    `no upload was acknowledged for ${patienceMs / 1000} s, in round ${round}`,
  );
}

const largest = (a: ServerMemory, b: ServerMemory): ServerMemory => ({
  residentBytes: Math.max(a.residentBytes, b.residentBytes),
  heapBytes: Math.max(a.heapBytes, b.heapBytes),
});
