import { runInChild } from "../harness/child-job";
import type { Rounds, RoundsReport } from "../swarm/rounds";
import { withBenchServer } from "./bench-server";
import { quantile } from "./quantile";
import { table } from "./table";

export type Size = { readonly clients: number; readonly parameters: number };

export type ProtocolJob = {
  readonly sizes: readonly Size[];
  readonly rounds: number;
  readonly seconds: number;
  /** Of an empty database, in place of the embedded one. */
  readonly postgres?: string;
};

export type ProtocolRow = Size & {
  readonly roundsPerSecond: number;
  /** From an upload's first byte to its acknowledgement. */
  readonly ackMsP50: number;
  readonly ackMsP99: number;
  /** Largest of the server's process while the rounds ran. */
  readonly serverRssMiB: number;
};

export const defaultSizes: readonly Size[] = [
  { clients: 8, parameters: 100_000 },
  { clients: 32, parameters: 100_000 },
  { clients: 100, parameters: 10_000 },
  { clients: 1000, parameters: 10_000 },
];

export const nameOf = ({ clients, parameters }: Size): string =>
  `${clients}x${parameters % 1000 === 0 ? `${parameters / 1000}k` : parameters}`;

type Way = { readonly note: (text: string) => void; readonly signal: AbortSignal };

/** For each size a new server in a process of its own, and a swarm in another. */
export async function benchProtocol(job: ProtocolJob, way: Way): Promise<readonly ProtocolRow[]> {
  const rows: ProtocolRow[] = [];
  for (const size of job.sizes) rows.push(rowOf(size, await measure(size, job, way)));
  return rows;
}

async function measure(size: Size, job: ProtocolJob, { note, signal }: Way): Promise<RoundsReport> {
  const { rounds, seconds } = job;
  note(`${nameOf(size)}: starting a server`);
  return withBenchServer(job, async ({ url, metricsToken }) =>
    runInChild<Rounds>(
      new URL("../swarm/process.ts", import.meta.url),
      { url, metricsToken, ...size, rounds, seconds },
      { signal, note: (text) => note(`${nameOf(size)}: ${text}`) },
    ),
  );
}

function rowOf(size: Size, { rounds, seconds, acknowledgedMs, server }: RoundsReport): ProtocolRow {
  const tenths = (value: number) => Math.round(10 * value) / 10;
  return {
    ...size,
    roundsPerSecond: Math.round((1000 * rounds) / seconds) / 1000,
    ackMsP50: tenths(quantile(acknowledgedMs, 0.5)),
    ackMsP99: tenths(quantile(acknowledgedMs, 0.99)),
    serverRssMiB: Math.round(server.residentBytes / 2 ** 20),
  };
}

export const protocolTable = (rows: readonly ProtocolRow[]): string =>
  table([
    ["clients x parameters", "rounds/s", "uploads/s", "ack p50, ms", "ack p99, ms", "server, MiB"],
    ...rows.map((row) => [
      nameOf(row),
      row.roundsPerSecond.toFixed(2),
      (row.clients * row.roundsPerSecond).toFixed(1),
      row.ackMsP50.toFixed(1),
      row.ackMsP99.toFixed(1),
      String(row.serverRssMiB),
    ]),
  ]);
