import { runInChild } from "../harness/child-job";
import type { Rounds } from "../swarm/rounds";
import { withBenchServer } from "./bench-server";
import { exponentOf } from "./line-fit";
import { type RoundShares, sharesOf } from "./round-shares";
import { table } from "./table";

export type OverheadJob = {
  /** Numbers of clients, in turn. */
  readonly clients: readonly number[];
  readonly parameters: number;
  /** Seconds that each client waits, as if it trained. */
  readonly compute: number;
  readonly rounds: number;
};

/** `costMs`: of a round, while nobody computes. */
type OverheadRow = RoundShares & { readonly clients: number; readonly costMs: number };

export type OverheadReport = {
  readonly job: OverheadJob;
  readonly rows: readonly OverheadRow[];
  /** Of the number of clients, by which a round's cost beside computing grows; absent for one number. */
  readonly exponent?: number;
};

/** What a round costs while nobody computes, for so many clients; each has a new server. */
export async function benchOverhead(
  job: OverheadJob,
  { note, signal }: { readonly note: (text: string) => void; readonly signal: AbortSignal },
): Promise<OverheadReport> {
  const { parameters, compute, rounds } = job;
  const rows: OverheadRow[] = [];
  for (const clients of job.clients) {
    note(`${clients} clients: starting a server`);
    const { view } = await withBenchServer({}, (server) =>
      runInChild<Rounds>(
        new URL("../swarm/process.ts", import.meta.url),
        { ...server, clients, parameters, rounds, seconds: 86_400, compute },
        { signal, note: (text) => note(`${clients} clients: ${text}`) },
      ),
    );
    const shares = sharesOf(view);
    rows.push({ ...shares, clients, costMs: 1000 * shares.seconds * shares.neither });
  }
  const exponent = exponentOf(rows.map((row) => [row.clients, row.costMs]));
  return { job, rows, ...(exponent !== undefined && { exponent }) };
}

export function overheadTable({ job, rows, exponent }: OverheadReport): string {
  const { parameters, compute } = job;
  return [
    `clients of ${parameters} parameters that wait ${compute} s in each round, as if they trained\n\n`,
    table([
      ["clients", "rounds", "round, s", "neither computes", "cost, ms", "cost a client, ms"],
      ...rows.map(({ clients, rounds, seconds, neither, costMs }) => [
        String(clients),
        String(rounds),
        seconds.toFixed(2),
        percent(neither),
        costMs.toFixed(0),
        (costMs / clients).toFixed(1),
      ]),
    ]),
    exponent === undefined
      ? ""
      : `\nthe cost grows with the number of clients to the power of ${exponent.toFixed(2)}\n`,
  ].join("");
}

/** Of a run that people or a bench have played. */
export const sharesTable = ({
  rounds,
  seconds,
  training,
  teaching,
  neither,
}: RoundShares): string =>
  table([
    ["rounds", "round, s", "clients compute", "teacher computes", "neither"],
    [String(rounds), seconds.toFixed(2), percent(training), percent(teaching), percent(neither)],
  ]);

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
