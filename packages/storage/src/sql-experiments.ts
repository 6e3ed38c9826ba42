import type { ExperimentRecord } from "@tandem/core/experiment";
import type { ExperimentId } from "@tandem/core/ids";
import type { Change, Erased, ExperimentStore, History } from "@tandem/core/stores";
import { and, asc, eq, getTableColumns, gt, inArray, lt, lte, sql } from "drizzle-orm";
import type { AnyPgColumn, PgDatabase, PgQueryResultHKT, PgTable } from "drizzle-orm/pg-core";
import { continued, experimentExists, experimentNotFound, invitationSpent } from "./errors";
import { applicants, clients, events, experiments, invitations, metrics, rounds } from "./schema";

export type Database = PgDatabase<PgQueryResultHKT>;

/** The port on a migrated PostgreSQL, embedded or not; `close` is the driver's. */
export function experimentsOn(db: Database, close: () => Promise<void>): ExperimentStore {
  return {
    close,
    create: (...records) =>
      db.transaction(async (tx) => {
        for (const record of records) await add(tx, record);
      }),
    adopt: (record, history) =>
      db.transaction(async (tx) => {
        await add(tx, record);
        await fill(tx, record.id, history);
      }),
    async list() {
      const rows = await db.select().from(experiments).orderBy(byCodeUnits(experiments.id));
      return rows.map(asExperiment);
    },
    async get(id) {
      const [record] = await db.select().from(experiments).where(eq(experiments.id, id));
      if (!record) throw experimentNotFound(id);
      return asExperiment(record);
    },
    async remove(id) {
      await db.delete(experiments).where(eq(experiments.id, id));
    },
    commit: (id, change) => db.transaction((tx) => write(tx, id, change)),
    events: (id, afterSequence = 0, upToSequence) =>
      db
        .select({ sequence: events.sequence, at: events.at, event: events.event })
        .from(events)
        .where(
          and(
            eq(events.experiment, id),
            gt(events.sequence, afterSequence),
            upToSequence === undefined ? undefined : lte(events.sequence, upToSequence),
          ),
        )
        .orderBy(asc(events.sequence)),
    async rounds(id) {
      const rows = await db
        .select()
        .from(rounds)
        .where(eq(rounds.experiment, id))
        .orderBy(asc(rounds.round));
      return rows.map(asRecord);
    },
    async clients(id) {
      const rows = await db
        .select()
        .from(clients)
        .where(eq(clients.experiment, id))
        .orderBy(byCodeUnits(clients.id));
      return rows.map(asRecord);
    },
    async metrics(id) {
      const rows = await db
        .select()
        .from(metrics)
        .where(eq(metrics.experiment, id))
        .orderBy(asc(metrics.round), sql`${metrics.client} collate "C" nulls first`);
      return rows.map(asRecord);
    },
    invite: (id, invitation) =>
      db.transaction(async (tx) => {
        await locked(tx, id);
        await tx.insert(invitations).values({ experiment: id, ...invitation });
      }),
    async invitations(id) {
      const rows = await db
        .select()
        .from(invitations)
        .where(eq(invitations.experiment, id))
        .orderBy(byCodeUnits(invitations.id));
      return rows.map(asRecord);
    },
    async revoke(id, invitation) {
      const gone = db.delete(invitations).where(isOf(id, invitation));
      return (await gone.returning({ id: invitations.id })).length > 0;
    },
    async applicants(id) {
      const rows = await db
        .select()
        .from(applicants)
        .where(eq(applicants.experiment, id))
        .orderBy(byCodeUnits(applicants.id));
      return rows.map(asRecord);
    },
    keepApplicant: (id, applicant) =>
      db.transaction(async (tx) => {
        await locked(tx, id);
        const set = { verdict: null, ...applicant };
        const target = [applicants.experiment, applicants.id];
        await tx
          .insert(applicants)
          .values({ experiment: id, ...set })
          .onConflictDoUpdate({ target, set });
      }),
  };
}

const isOf = (experiment: ExperimentId, invitation: string) =>
  and(eq(invitations.experiment, experiment), eq(invitations.id, invitation));

/** A server sorts by its own language otherwise. */
export const byCodeUnits = (column: AnyPgColumn) => sql`${column} collate "C"`;

type Transaction = Pick<Database, "select" | "insert" | "update" | "delete">;

/** The experiment's last event, its row locked until the transaction ends; throws `not-found`. */
async function locked(db: Transaction, experiment: ExperimentId): Promise<number> {
  const [stored] = await db
    .select({ sequence: experiments.sequence })
    .from(experiments)
    .where(eq(experiments.id, experiment))
    .for("update");
  if (!stored) throw experimentNotFound(experiment);
  return stored.sequence;
}

/** The first statement locks the experiment's row, so that two writers cannot both continue it. */
async function write(db: Transaction, experiment: ExperimentId, change: Change): Promise<void> {
  const added = change.events ?? [];
  const sequence = continued(await locked(db, experiment), added);
  await db
    .update(experiments)
    .set({ ...change.experiment, sequence })
    .where(eq(experiments.id, experiment));
  if (change.invitation !== undefined) {
    const taken = await db
      .update(invitations)
      .set({ used: sql`${invitations.used} + 1` })
      .where(and(isOf(experiment, change.invitation), lt(invitations.used, invitations.uses)))
      .returning({ id: invitations.id });
    if (taken.length === 0) throw invitationSpent();
  }
  if (change.erased) await erase(db, experiment, change.erased);
  if (added.length > 0) await db.insert(events).values(of(experiment, added));
  await put(db, rounds, ["experiment", "round"], of(experiment, change.rounds));
  await put(db, clients, ["experiment", "id"], of(experiment, change.clients));
  for (const { round, ...counts } of change.counts ?? [])
    await db
      .update(rounds)
      .set(counts)
      .where(and(eq(rounds.experiment, experiment), eq(rounds.round, round)));
  const { forgotten = [] } = change;
  if (forgotten.length > 0)
    await db
      .delete(clients)
      .where(and(eq(clients.experiment, experiment), inArray(clients.id, [...forgotten])));
  await put(db, metrics, ["experiment", "round", "client"], of(experiment, change.metrics));
}

const of = <Row extends object>(experiment: ExperimentId, rows: readonly Row[] = []) =>
  rows.map((row) => ({ experiment, ...row }));

/** Inserts, or replaces by key, in one statement: of two rows with one key the last, and what is absent is null. */
async function put(
  db: Transaction,
  table: PgTable,
  key: readonly string[],
  rows: readonly object[],
): Promise<void> {
  const columns = Object.entries(getTableColumns(table));
  const named = (row: object) => key.map((name) => (row as Record<string, unknown>)[name] ?? null);
  const last = [...new Map(rows.map((row) => [JSON.stringify(named(row)), row])).values()];
  const target = columns.flatMap(([name, column]) => (key.includes(name) ? [column] : []));
  const set = Object.fromEntries(
    columns
      .filter(([name]) => !key.includes(name))
      .map(([name, column]) => [name, sql`excluded.${sql.identifier(column.name)}`]),
  );
  for (let from = 0; from < last.length; from += rowsAtOnce)
    await db
      .insert(table)
      .values(last.slice(from, from + rowsAtOnce))
      .onConflictDoUpdate({ target, set });
}

async function add(db: Transaction, record: ExperimentRecord): Promise<void> {
  const added = await db
    .insert(experiments)
    .values(record)
    .onConflictDoNothing()
    .returning({ id: experiments.id });
  if (added.length === 0) throw experimentExists(record.id);
}

/** A statement takes 65,535 values. */
const rowsAtOnce = 1000;

async function fill(db: Transaction, experiment: ExperimentId, history: History): Promise<void> {
  continued(0, history.events);
  const all = [
    [events, history.events],
    [rounds, history.rounds],
    [clients, history.clients],
    [metrics, history.metrics],
  ] as const;
  for (const [table, rows] of all)
    for (let from = 0; from < rows.length; from += rowsAtOnce) {
      const some = rows.slice(from, from + rowsAtOnce).map((row) => ({ experiment, ...row }));
      await db.insert(table as PgTable).values(some);
    }
}

async function erase(db: Transaction, experiment: ExperimentId, erased: Erased): Promise<void> {
  const { clients: ids, applicants: asked, events: rewritten } = erased;
  if (ids.length > 0)
    await db
      .delete(metrics)
      .where(and(eq(metrics.experiment, experiment), inArray(metrics.client, [...ids])));
  if (asked.length > 0)
    await db
      .delete(applicants)
      .where(and(eq(applicants.experiment, experiment), inArray(applicants.id, [...asked])));
  await put(db, events, ["experiment", "sequence"], of(experiment, rewritten));
}

const asExperiment = ({
  stateSequence,
  ...record
}: typeof experiments.$inferSelect): ExperimentRecord => ({
  ...record,
  ...(stateSequence !== null && { stateSequence }),
});

/** A row without its foreign key, its empty columns absent as in the records of core. */
function asRecord<Row extends { readonly experiment: ExperimentId }>(row: Row): RecordOf<Row> {
  const kept = Object.entries(row).filter(([key, v]) => v !== null && key !== "experiment");
  return Object.fromEntries(kept) as RecordOf<Row>; // exactly what the filter leaves
}

type RecordOf<Row> = {
  [K in keyof Row as K extends "experiment" ? never : null extends Row[K] ? never : K]: Row[K];
} & {
  [K in keyof Row as null extends Row[K] ? K : never]?: Exclude<Row[K], null>;
};
