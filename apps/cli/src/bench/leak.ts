import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { TandemError } from "@tandem/core/errors";
import { startNodeEngine } from "@tandem/engine/node";
import { describeSample } from "@tandem/evaluation/statistics";
import * as tf from "@tensorflow/tfjs-core";
import type { ChaosClient } from "../chaos/client";
import { startChaosClients } from "../chaos/clients";
import { createApi } from "../harness/rest-client";
import { serverMemory } from "../harness/server-memory";
import { freePort, startServer } from "../harness/server-process";
import { plot } from "../report/plot";
import { table } from "./table";

export type LeakJob = {
  readonly rounds: number;
  readonly clients: number;
  readonly strategy: string;
};

/** Bytes, or a number of tensors, after a round. */
export type LeakSample = { readonly round: number } & Readonly<Record<Quantity, number>>;
export type LeakReport = { readonly job: LeakJob; readonly samples: readonly LeakSample[] };

const quantities = {
  serverResident: "server, resident memory",
  serverHeap: "server, JavaScript heap",
  clientHeap: "clients, JavaScript heap after a collection",
  clientTensors: "clients, tensors",
} as const;
type Quantity = keyof typeof quantities;
const names = Object.keys(quantities) as readonly Quantity[];

/** A real server and clients in this process play so many rounds; looks at memory 100 times. */
export async function benchLeak(
  job: LeakJob,
  { say, signal }: { readonly say: (text: string) => void; readonly signal: AbortSignal },
): Promise<LeakReport> {
  const { rounds, clients, strategy } = job;
  const directory = await mkdtemp(join(tmpdir(), "tandem-leak-"));
  const port = await freePort();
  const server = await startServer({ port, directory, apiOnly: true });
  let playing: ChaosClient | undefined;
  const samples: LeakSample[] = [];
  try {
    const api = createApi(server.url);
    const { id } = await api.create({
      name: "Leak",
      strategy,
      dataset: "emoji-style",
      rounds,
      slots: 12,
      minClients: clients,
      strategyConfig: { localEpochs: 1, warmUpEpochs: 0 },
    });
    await api.start(id);
    await startNodeEngine();
    playing = await startChaosClients({
      experiment: id,
      port,
      slots: [...Array(clients).keys()],
      seed: 1,
      deadlineMs: 120_000,
      onEnd: (reason, slot) => say(`client ${slot} has ended: ${reason}`),
    });
    const every = Math.max(1, Math.round(rounds / 100));
    const started = Date.now();
    for (;;) {
      if (signal.aborted) throw new TandemError("cancelled", "stopped: nothing was written");
      const { status, round, error } = await api.view(id);
      if (status === "failed") throw new Error(`the experiment failed: ${error}`);
      const due = (samples.length + 1) * every;
      if (round > due || status === "finished") {
        const last = await lookAt(server.url, due);
        samples.push(last);
        if (samples.length % 10 === 0) say(progressLine(last, Date.now() - started));
      }
      if (status === "finished") return { job, samples };
      await sleep(100);
    }
  } finally {
    await playing?.stop();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function lookAt(url: string, round: number): Promise<LeakSample> {
  const { residentBytes: serverResident, heapBytes: serverHeap } = await serverMemory(url);
  collect();
  return {
    round,
    serverResident,
    serverHeap,
    clientHeap: process.memoryUsage().heapUsed,
    clientTensors: tf.memory().numTensors,
  };
}

function collect(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}

const progressLine = (
  { round, serverResident, clientHeap, clientTensors }: LeakSample,
  ms: number,
) =>
  `round ${round} after ${(ms / 60_000).toFixed(1)} min: server ${mib(serverResident)}, clients ${mib(clientHeap)}, ${clientTensors} tensors`;
const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

/** First, second and last fifth, and the last over the second: growth that goes on. */
export function leakTable({ samples }: LeakReport): string {
  const fifth = (i: number) => {
    const n = samples.length;
    return samples.slice(Math.floor((i * n) / 5), Math.floor(((i + 1) * n) / 5));
  };
  const meanOf = (of: readonly LeakSample[], name: Quantity) =>
    describeSample(of.map((sample) => sample[name])).mean;
  const shown = (value: number, name: Quantity) =>
    name === "clientTensors" ? value.toFixed(1) : mib(value);
  return table([
    ["mean over fifths of the rounds", "first", "second", "last", "last / second"],
    ...names.map((name) => {
      const [first, second, last] = [0, 1, 4].map((i) => meanOf(fifth(i), name));
      const ratio = second > 0 ? (last / second).toFixed(3) : "–";
      return [quantities[name], ...[first, second, last].map((v) => shown(v, name)), ratio];
    }),
  ]);
}

const isMemory = (name: Quantity) => name !== "clientTensors"; // caught in the middle of a round or not

/** What is memory, as shares of its largest value. */
export const leakPlot = ({ samples, job }: LeakReport): string =>
  plot({
    title: `Memory over ${job.rounds} rounds of ${job.strategy} with ${job.clients} clients`,
    axis: "Per cent of the largest value",
    across: `hundredth of the ${job.rounds} rounds`,
    lines: names.filter(isMemory).map((name) => {
      const largest = Math.max(1, ...samples.map((sample) => sample[name]));
      return {
        name: quantities[name],
        isBaseline: false,
        points: samples.map((sample) => describeSample([sample[name] / largest])),
      };
    }),
  });
