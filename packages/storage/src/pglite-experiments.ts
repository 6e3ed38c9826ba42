import { join } from "node:path";
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
