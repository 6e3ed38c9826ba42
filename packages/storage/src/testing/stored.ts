import { PGlite } from "@electric-sql/pglite";
import { clientId, experimentId } from "@tandem/core/ids";
import { getTableName, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { drizzle } from "drizzle-orm/pglite";
import { migrate } from "drizzle-orm/pglite/migrator";
import * as accounts from "../accounts-schema";
import { backedUp } from "../backup-contents";
import { createMemoryBlobs } from "../memory-blobs";
import { migrationsFolder } from "../migrations";
import type { Stores } from "../open-stores";
import { recordsOn } from "../sql-records";
import { type SqlStores, storesOn } from "../sql-stores";
import { ada, applicant, event, invitation, record, round, taskRecord } from "./records";

export const id = experimentId("a");
const bytesOf = (text: string) => new TextEncoder().encode(text);

const onMemory = (store: SqlStores): Stores => {
  const { tasks, accounts, audit, records } = store;
  return { store, tasks, accounts, audit, records, blobs: createMemoryBlobs() };
};

/** With blobs in memory. */
export const openStoresOn = async (database: Promise<SqlStores>): Promise<Stores> =>
  onMemory(await database);

/** All in memory; `empty` gives it back as it was, sooner than another. */
export async function openEmptied() {
  const client = await PGlite.create();
  const db = drizzle(client);
  await migrate(db, { migrationsFolder });
  const { tables } = recordsOn(db);
  return {
    async empty(): Promise<Stores> {
      const names = (await tables()).map((name) => `"${name}"`);
      await db.execute(sql.raw(`truncate ${names.join()} cascade`));
      return onMemory(storesOn(db, async () => {}));
    },
    close: () => client.close(),
  };
}

/** An experiment whose state, round and log name a blob each, a task that names two; and one that nothing names. */
export async function addStudy({ store, tasks, blobs }: Pick<Stores, "store" | "tasks" | "blobs">) {
  const put = (text: string) => blobs.put(bytesOf(text));
  const [state, ended, upload] = [await put("state"), await put("ended"), await put("upload")];
  await store.create(record("a"));
  await store.commit(id, {
    events: [{ ...event(1), event: { type: "uploaded", client: ada.id, hash: upload } }, event(2)],
    experiment: { status: "running", state: { strategyState: state }, updatedAt: 7 },
    rounds: [{ ...round, stateHash: ended }],
    clients: [ada],
    metrics: [{ round: 1, client: clientId(ada.id), metrics: { accuracy: 0.5, loss: Number.NaN } }],
  });
  await store.invite(id, { ...invitation, used: 1 });
  await store.keepApplicant(id, { ...applicant, verdict: "refused" });
  const setOf = async (text: string) => ({ hash: await put(text), bytes: text.length, size: 1 });
  const sets = { publicSet: await setOf("public"), test: await setOf("test") };
  await tasks.create({ ...taskRecord("task-a"), ...sets });
  const named = [state, ended, upload, sets.publicSet.hash, sets.test.hash];
  return { named, unnamed: await put("never acknowledged") };
}

/** Rows in every table of accounts, and in those that no backup has. */
export async function addOwner({ records }: Pick<Stores, "records">): Promise<void> {
  const at = "2026-11-30T12:34:56.789+00:00";
  const [times, owned] = [{ created_at: at, updated_at: at }, { user_id: "u" }];
  const who = { id: "u", name: "Ada “the owner”\n", email: "ada@example.org", role: "owner" };
  const link = { role: "viewer", may_spend: false, created_at: 1, expires_at: 2 };
  const key = { public_key: "pk", credential_id: "c", counter: 3, device_type: "singleDevice" };
  const done = { at: 1, by: "machine", action: "account.create", outcome: "done", count: 1 };
  const rows: readonly [PgTable, object][] = [
    [accounts.user, { ...who, email_verified: false, may_spend: true, ...times }],
    [
      accounts.account,
      { id: "c", account_id: "u", provider_id: "credential", password: "hash", ...owned, ...times },
    ],
    [accounts.session, { id: "s", token: "secret", expires_at: at, ...owned, ...times }],
    [accounts.verification, { id: "v", identifier: "i", value: "v", expires_at: at, ...times }],
    [accounts.passkey, { id: "p", ...key, backed_up: false, ...owned }],
    [accounts.accountLinks, { id: "l", made_by: "u", ...link }],
    [accounts.apiTokens, { id: "t", hash: "#t", name: "CLI", created_at: 1, ...owned }],
    [accounts.budgets, { kind: "remote", per_day: 7 }],
    [accounts.spendings, { day: "2026-11-30", kind: "remote", spent: 5 }],
    [accounts.audit, { sequence: 7, ...done }],
  ];
  async function* pages() {
    for (const [table, row] of rows) yield { table, rows: [JSON.stringify(row)] };
  }
  await records.insert(pages(), async () => {});
}

/** Every row that a backup should have, by its table, in no database's own way of writing times. */
export async function allRows({ records }: Pick<Stores, "records">) {
  const found: Record<string, unknown[]> = {};
  await records.snapshot(
    backedUp.map(({ table }) => table),
    async ({ table, rows }) => {
      const name = getTableName(table);
      const read = rows.map((row) => JSON.parse(row, (_, value) => timeOf(value) ?? value));
      found[name] = [...(found[name] ?? []), ...read];
    },
  );
  return found;
}

const timeOf = (value: unknown): number | undefined =>
  typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : undefined;
