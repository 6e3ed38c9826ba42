import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { PGlite } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";
import { migrate } from "drizzle-orm/pglite/migrator";
import { lockDirectory } from "./directory-lock";
import { migrationsFolder, refuseNewerSchema } from "./migrations";
import { type SqlStores, storesOn } from "./sql-stores";

/**
 * All that a server keeps in an embedded PostgreSQL; without a directory, in memory. An acknowledged commit
 * survives the process but not a power cut: PGlite never calls fsync.
 * Throws `conflict` while another process has the directory, `not-supported` for a newer schema.
 */
export async function openPgliteExperiments(
  options: { readonly directory?: string } = {},
): Promise<SqlStores> {
  const { directory } = options;
  const unlock = directory === undefined ? async () => {} : await lockDirectory(directory);
  let client: PGlite | undefined;
  try {
    const opened = await PGlite.create(
      directory === undefined ? {} : { dataDir: join(directory, "postgres") },
    );
    client = opened;
    takeTurns(opened);
    const db = drizzle(opened);
    await refuseNewerSchema(db, directory ?? "the database in memory");
    await migrate(db, { migrationsFolder });
    return storesOn(db, async () => {
      if (opened.closed) return;
      await opened.close();
      await unlock();
    });
  } catch (error) {
    await client?.close();
    await unlock();
    throw error;
  }
}

/**
 * PGlite computes in this thread, and whoever has waited for it goes on before anything else is heard: a
 * hundred commits in a row would be one turn of the event loop. So there is a turn before each of them.
 */
function takeTurns(client: PGlite): void {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn =
    <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> => {
      const done = last.then(() => setImmediate()).then(() => work.apply(client, args));
      last = done.catch(() => {}); // whoever has asked hears of it
      return done;
    };
  client.query = inTurn(client.query) as PGlite["query"];
  client.transaction = inTurn(client.transaction) as PGlite["transaction"];
}
