import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TandemError } from "@tandem/core/errors";
import { formatDay } from "@tandem/core/format";
import { sql } from "drizzle-orm";
import type { Database } from "./sql-experiments";
import { rowsOf } from "./sql-records";

export const migrationsFolder = fileURLToPath(new URL("../migrations", import.meta.url));

type Migration = { readonly when: number; readonly tag: string };
type Journal = { readonly entries: readonly Migration[] };

/** The last that this version knows. */
export async function ownMigration(): Promise<Migration> {
  const text = await readFile(join(migrationsFolder, "meta/_journal.json"), "utf8");
  const { entries }: Journal = JSON.parse(text);
  return entries[entries.length - 1];
}

/** Throws `not-supported` where a later version has migrated the database; nothing is touched. */
export async function refuseNewerSchema(db: Database, where: string): Promise<void> {
  const newest = await lastMigration(db);
  const own = await ownMigration();
  if (newest !== undefined && newest > own.when)
    throw new TandemError(
      "not-supported",
      `${where} has a schema of ${formatDay(newest)}, and this version of Tandem knows none after ${own.tag} of ${formatDay(own.when)}: use the version that wrote it, or restore a backup made by this one`,
    );
}

/** Epoch milliseconds; undefined where nothing has been migrated yet. */
async function lastMigration(db: Database): Promise<number | undefined> {
  const table = await firstRow(db, sql`select to_regclass('drizzle.__drizzle_migrations') as name`);
  if (!table?.name) return undefined;
  const row = await firstRow(
    db,
    sql`select max(created_at) as newest from drizzle.__drizzle_migrations`,
  );
  return row?.newest ? Number(row.newest) : undefined;
}

const firstRow = async (db: Database, query: ReturnType<typeof sql>) =>
  rowsOf(await db.execute(query)).at(0);
