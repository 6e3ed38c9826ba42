import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import type { ExperimentRecord } from "@tandem/core/experiment";
import { blobHash } from "@tandem/core/ids";
import type { TaskRecord } from "@tandem/core/task";
import { getTableColumns } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type { Counts, OpenBackup } from "./backup-format";
import { linesOf, type Sum } from "./checked-folder";
import {
  applicants,
  clients,
  events,
  experiments,
  invitations,
  metrics,
  rounds,
  tasks as tasksTable,
} from "./schema";
import { type Page, rowsPerPage } from "./sql-records";
import { basesIn } from "./trained-bases";

/** From before there were checksums and accounts, and from before there were tasks. */
export const formerFormats: readonly unknown[] = ["tandem-backup/2", "tandem-backup/1"];

type Rows = readonly object[];
/** A line of `experiments.jsonl`. */
type Line = {
  readonly record: ExperimentRecord;
  readonly events: Rows;
  readonly rounds: Rows;
  readonly clients: Rows;
  readonly metrics: Rows;
  readonly invitations?: Rows;
  readonly applicants?: Rows;
};

/** Throws `bad-data` for what is no whole backup. */
export async function openFormerBackup(directory: string, manifest: object): Promise<OpenBackup> {
  const noted: Counts = {
    ...{ tasks: 0, bases: 0, backboneFiles: 0, blobs: 0, experiments: 0 },
    ...manifest,
    accounts: 0,
  };
  const lines = await parsedLines<Line>(join(directory, "experiments.jsonl"));
  const tasks = await parsedLines<TaskRecord>(join(directory, "tasks.jsonl"));
  const backbones = await parsedLines<Sum>(join(directory, "backbones.jsonl"));
  const blobs = await blobsIn(join(directory, "blobs"));
  const bases = await basesIn(
    join(directory, "teachers"),
    tasks.map(({ id }) => id),
  );
  const found: readonly [string, number, number][] = [
    ["experiments", lines.length, noted.experiments],
    ["tasks", tasks.length, noted.tasks],
    ["blobs", blobs.length, noted.blobs],
    ["bases", bases.length, noted.bases],
    ["files of backbones", backbones.length, noted.backboneFiles],
  ];
  for (const [what, there, wanted] of found)
    if (there !== wanted)
      throw new TandemError(
        "bad-data",
        `${directory} has ${there} ${what}, not ${wanted} as its manifest says; take another backup`,
      );
  return {
    counts: noted,
    async *pages() {
      yield* pagesOf(tasksTable, tasks);
      for (const { record, ...of } of lines) {
        yield* pagesOf(experiments, [record]);
        const inner: readonly [PgTable, Rows][] = [
          [events, of.events],
          [rounds, of.rounds],
          [clients, of.clients],
          [invitations, of.invitations ?? []],
          [applicants, of.applicants ?? []],
          [metrics, of.metrics],
        ];
        for (const [table, rows] of inner)
          yield* pagesOf(
            table,
            rows.map((row) => ({ ...row, experiment: record.id })),
          );
      }
    },
    async *blobs() {
      for (const name of blobs) yield blobHash(name);
    },
    tasks: bases,
    backbones,
  };
}

/** By the names of columns; what a record has not is null where that may be, and the column's default elsewhere. */
function* pagesOf(table: PgTable, records: Rows): Generator<Page> {
  const columns = Object.entries(getTableColumns(table));
  const rows = records.map((record) => {
    const given = record as Readonly<Record<string, unknown>>;
    const cells = columns.flatMap(([key, { name, notNull }]) =>
      given[key] === undefined && notNull ? [] : [[name, given[key] ?? null]],
    );
    return JSON.stringify(Object.fromEntries(cells));
  });
  for (let i = 0; i < rows.length; i += rowsPerPage)
    yield { table, rows: rows.slice(i, i + rowsPerPage) };
}

async function parsedLines<Line>(path: string): Promise<readonly Line[]> {
  const lines: Line[] = [];
  try {
    for await (const line of linesOf(path)) lines.push(JSON.parse(line));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    if (!(error instanceof SyntaxError)) throw error;
    throw new TandemError(
      "bad-data",
      `line ${lines.length + 1} of ${path} is not JSON; take another backup`,
    );
  }
  return lines;
}

async function blobsIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return files.filter((name) => /^[0-9a-f]{64}$/.test(name));
}
