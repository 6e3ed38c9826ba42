import { TandemError } from "@tandem/core/errors";
import { getTableColumns, getTableName, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type { Database } from "./sql-experiments";

export const rowsPerPage = 200;
/** Some rows of one table, each as a JSON object of its columns. */
export type Page = { readonly table: PgTable; readonly rows: readonly string[] };

/** Whole tables, as backups need them, on a migrated PostgreSQL. */
export const recordsOn = (db: Database) => ({
  /**
   * Every row of the tables, table after table, as all of them were at one moment. Where the database is
   * embedded, commits wait until it has ended.
   */
  snapshot(tables: readonly PgTable[], tell: (page: Page) => Promise<void>): Promise<void> {
    return db.transaction(
      async (tx) => {
        for (const table of tables) {
          const rows = sql`declare pages no scroll cursor for select row_to_json(t)::text as row from ${table} t`;
          await tx.execute(rows);
          for (;;) {
            const page = rowsOf(await tx.execute(sql.raw(`fetch ${rowsPerPage} from pages`)));
            if (page.length === 0) break;
            await tell({ table, rows: page.map(({ row }) => String(row)) });
          }
          await tx.execute(sql`close pages`);
        }
      },
      { isolationLevel: "repeatable read", accessMode: "read only" },
    );
  },

  /**
   * All of the rows or, where `finish` throws too, none. Throws `conflict` where one is there already,
   * `not-supported` for a column that this version does not know, `bad-data` for what fits no column.
   */
  insert(pages: AsyncIterable<Page>, finish: () => Promise<void>): Promise<void> {
    return db.transaction(async (tx) => {
      const filled = new Set<PgTable>();
      for await (const { table, rows } of pages) {
        filled.add(table);
        const columns = sql.join(columnsOf(table, rows).map(sql.identifier), sql`, `);
        await tx
          .execute(
            sql`insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, ${`[${rows.join()}]`}::json)`,
          )
          .catch((error: unknown) => {
            throw refused(table, error);
          });
      }
      for (const table of filled)
        for (const { name, columnType } of Object.values(getTableColumns(table)))
          if (columnType.includes("Serial"))
            await tx.execute(
              sql`select setval(pg_get_serial_sequence(${getTableName(table)}, ${name}), max(${sql.identifier(name)})) from ${table}`,
            );
      await finish();
    });
  },

  /** Names of those that there are. */
  async tables(): Promise<readonly string[]> {
    const found = sql`select table_name as name from information_schema.tables where table_schema = 'public'`;
    return rowsOf(await db.execute(found)).map(({ name }) => String(name));
  },
});

export type Records = ReturnType<typeof recordsOn>;

/** Of what both drivers give. */
export const rowsOf = (result: unknown) =>
  (result as { readonly rows: readonly Readonly<Record<string, unknown>>[] }).rows;

/** Those of the first row: all rows of a page have the same. */
function columnsOf(table: PgTable, [first]: readonly string[]): readonly string[] {
  const known = new Set(Object.values(getTableColumns(table)).map(({ name }) => name));
  const names = Object.keys(JSON.parse(first) as object);
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return names;
  throw new TandemError(
    "not-supported",
    `this version of Tandem knows no ${unknown} of ${getTableName(table)}: restore with the version that made the backup`,
  );
}

type DatabaseError = { readonly code?: string; readonly detail?: string; readonly cause?: unknown };

function refused(table: PgTable, error: unknown): unknown {
  const { code, detail = "", cause } = error as DatabaseError;
  if (code === undefined && cause) return refused(table, cause);
  const where = getTableName(table);
  if (code === "23505")
    return new TandemError(
      "conflict",
      `${where}: ${detail} Restore into stores without it`, // names the key
      { cause: error },
    );
  // Classes of PostgreSQL: data that fits no column, and what a constraint refuses.
  if (/^2[23]/.test(code ?? ""))
    return new TandemError("bad-data", `${where}: a row does not fit; take another backup`, {
      cause: error,
    });
  return error;
}
