import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { TandemError } from "@tandem/core/errors";
import { type Companion, startCompanion } from "../chaos/companion";
import { runInChild } from "../harness/child-job";
import { serverMemory } from "../harness/server-memory";
import type { Held, Hold, HolderJob } from "../swarm/holder";
import { mostRounds, type Rounds } from "../swarm/rounds";
import { type BenchServer, withBenchServer } from "./bench-server";
import { slopeOf } from "./line-fit";
import { quantile } from "./quantile";
import { table } from "./table";
import { median } from "./take-turns";

export type ConnectionsJob = {
  readonly connections: number;
  /** For which they are held. */
  readonly minutes: number;
  /** Among which they are spread. */
  readonly processes: number;
};

type Acknowledgement = { readonly p50: number; readonly p99: number };

export type ConnectionsReport = {
  readonly connections: number;
  readonly minutes: number;
  /** Connections that broke meanwhile. */
  readonly lost: number;
  /** Milliseconds, of eight clients' uploads of 10,000 parameters. */
  readonly ackMs: { readonly without: Acknowledgement; readonly with: Acknowledgement };
  /** Slope of a line through the server's memory at each fifth of the connections. */
  readonly bytesEach: { readonly resident: number; readonly heap: number };
};

type Way = { readonly note: (text: string) => void; readonly signal: AbortSignal };

const players = { clients: 8, parameters: 10_000 };
/** Beside connections: the server's files, database and players. */
const [otherFiles, warmUpSeconds, steps, samples] = [1000, 10, 5, 5] as const;
const openingMs = 120_000;

/** Idle connections to a real server, while a small experiment goes on. */
export async function benchConnections(
  job: ConnectionsJob,
  { note, signal }: Way,
): Promise<ConnectionsReport> {
  await requireFiles(job.connections + otherFiles);
  note("starting a server");
  return withBenchServer({}, async (server) => {
    const play = (seconds: number, what: string) =>
      playFor(seconds, server, { signal, note: (text) => note(`${what}: ${text}`) });
    const without = await play(warmUpSeconds, "no connections");
    const holders = startHolders(job, server.url);
    try {
      const bytesEach = await openAll(holders, { job, server, note, signal });
      const before = holders.lost();
      const during = await play(60 * job.minutes, `${job.connections} connections`);
      const { open, lost } = { open: holders.open(), lost: holders.lost() };
      if (open === 0) throw new Error("no connection is left");
      return {
        ...{ connections: job.connections, minutes: job.minutes, lost: lost - before, bytesEach },
        ackMs: { without: acknowledgement(without), with: acknowledgement(during) },
      };
    } catch (error) {
      throw signal.aborted ? new TandemError("cancelled", "stopped: nothing was written") : error;
    } finally {
      await holders.stop();
    }
  });
}

/** Throws `bad-config` where a process of this user may not open so many. */
async function requireFiles(count: number): Promise<void> {
  const { stdout } = await promisify(execFile)("sh", ["-c", "ulimit -Hn"]);
  const most = stdout.trim() === "unlimited" ? Number.POSITIVE_INFINITY : Number(stdout);
  if (most >= count) return;
  throw new TandemError(
    "bad-config",
    `the server needs ${count} open files, and a process here may have ${most}: raise it (ulimit -Hn ${count} as root, LimitNOFILE=${count} in a systemd unit), or hold fewer connections`,
  );
}

/** Experiments one after another, until so many seconds are over; milliseconds of each upload. */
async function playFor(seconds: number, server: BenchServer, way: Way): Promise<readonly number[]> {
  const acknowledged: number[] = [];
  const end = performance.now() + 1000 * seconds;
  do {
    const left = Math.max(1, (end - performance.now()) / 1000);
    const job = { ...server, ...players, rounds: mostRounds, seconds: left };
    const report = await runInChild<Rounds>(
      new URL("../swarm/process.ts", import.meta.url),
      job,
      way,
    );
    acknowledged.push(...report.acknowledgedMs);
  } while (performance.now() < end);
  return acknowledged;
}

function startHolders({ connections, processes }: ConnectionsJob, url: string) {
  const shares = Array.from({ length: processes }, (_, i) => {
    const [first, next] = [i, i + 1].map((n) => Math.floor((n * connections) / processes));
    const job = { url, first: first + players.clients };
    const companion: Companion<Hold, Held> = startCompanion<HolderJob, Hold, Held>(
      new URL("../swarm/holder.ts", import.meta.url),
      job,
    );
    return { companion, count: next - first };
  });
  const sum = (of: (held: Held) => number) =>
    shares.reduce(
      (total, { companion }) => total + of(companion.last() ?? { open: 0, lost: 0 }),
      0,
    );
  return {
    /** This part of each one's connections, 0-1. */
    want(part: number): number {
      const counts = shares.map(({ count }) => Math.round(part * count));
      for (const [i, { companion }] of shares.entries()) companion.note({ count: counts[i] });
      return counts.reduce((a, b) => a + b, 0);
    },
    open: () => sum(({ open }) => open),
    lost: () => sum(({ lost }) => lost),
    async stop(): Promise<void> {
      await Promise.all(shares.map(({ companion }) => companion.stop()));
    },
  };
}

/** In steps; gives back bytes of the server for each connection. */
async function openAll(
  holders: ReturnType<typeof startHolders>,
  {
    job,
    server,
    note,
    signal,
  }: Way & { readonly job: ConnectionsJob; readonly server: BenchServer },
): Promise<ConnectionsReport["bytesEach"]> {
  const points: { readonly open: number; readonly resident: number; readonly heap: number }[] = [];
  for (let step = 0; step <= steps; step++) {
    const wanted = holders.want(step / steps);
    const started = performance.now();
    while (holders.open() < wanted) {
      signal.throwIfAborted();
      note(`${holders.open()} of ${job.connections} connections are open`);
      if (performance.now() - started > openingMs)
        throw new TandemError(
          "timeout",
          `only ${holders.open()} of ${wanted} connections were open after ${openingMs / 1000} s`,
        );
      await sleep(100);
    }
    const seen = [];
    for (let i = 0; i < samples; i++) {
      await sleep(500, undefined, { signal });
      seen.push(await serverMemory(server.url, server.metricsToken));
    }
    points.push({
      open: wanted,
      resident: median(seen.map(({ residentBytes }) => residentBytes)),
      heap: median(seen.map(({ heapBytes }) => heapBytes)),
    });
  }
  const slope = (of: "resident" | "heap") =>
    Math.round(slopeOf(points.map((point) => [point.open, point[of]])));
  return { resident: slope("resident"), heap: slope("heap") };
}

const acknowledgement = (ms: readonly number[]): Acknowledgement => ({
  p50: Math.round(10 * quantile(ms, 0.5)) / 10,
  p99: Math.round(10 * quantile(ms, 0.99)) / 10,
});

export function connectionsTable(report: ConnectionsReport): string {
  const { connections, minutes, lost, ackMs, bytesEach } = report;
  const row = (name: string, { p50, p99 }: Acknowledgement) => [
    name,
    p50.toFixed(1),
    p99.toFixed(1),
  ];
  const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
  return [
    table([
      ["acknowledgement, ms", "p50", "p99"],
      row("no connections beside", ackMs.without),
      row(`${connections} idle connections`, ackMs.with),
    ]),
    `\nserver for each connection: ${kib(bytesEach.resident)} resident, ${kib(bytesEach.heap)} heap; ${lost} lost in ${minutes} min\n`,
  ].join("");
}
