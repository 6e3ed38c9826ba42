import { messageOf, TandemError } from "@tandem/core/errors";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { migrationsFolder, refuseNewerSchema } from "./migrations";
import { type SqlStores, storesOn } from "./sql-stores";

/** "tandem" as a number: the advisory lock that one server holds on its database. */
const lockKey = 0x74616e64;

/**
 * All that a server keeps in PostgreSQL 15 or newer. Throws `conflict` while another server has the database,
 * `unavailable` if it cannot be reached, `not-supported` for a newer schema.
 */
export async function openPostgresExperiments(options: {
  readonly url: string;
  readonly log?: (message: string) => void;
}): Promise<SqlStores> {
  const { url, log = () => {} } = options;
  const where = nameOf(url);
  const settings = { connectionString: url, connectionTimeoutMillis: 10_000 };
  const pool = new pg.Pool({ ...settings, max: 8 });
  // An idle connection that breaks is replaced by the next use.
  pool.on("error", (error) => log(`${where}: ${error.message}`));
  const lock = createLock(() => new pg.Client(settings), where);
  try {
    await lock.hold();
    const db = drizzle(pool);
    await refuseNewerSchema(db, where);
    await migrate(db, { migrationsFolder });
    const stores = storesOn(db, async () => {
      if (pool.ended) return;
      await pool.end();
      await lock.release();
    });
    // Who has lost the lock, with its connection, writes nothing before having it again.
    const held =
      <Args extends readonly unknown[]>(write: (...args: Args) => Promise<void>) =>
      async (...args: Args): Promise<void> => {
        await lock.hold();
        await write(...args);
      };
    const { tasks } = stores;
    return {
      ...stores,
      create: held(stores.create),
      adopt: held(stores.adopt),
      commit: held(stores.commit),
      remove: held(stores.remove),
      tasks: {
        ...tasks,
        create: held(tasks.create),
        replace: held(tasks.replace),
        remove: held(tasks.remove),
      },
    };
  } catch (error) {
    await pool.end();
    await lock.release();
    if (error instanceof TandemError) throw error;
    throw new TandemError("unavailable", `${where}: ${messageOf(error)}`, { cause: error });
  }
}

/** Held by a connection of its own, so that it ends with the process however that ends. */
function createLock(connect: () => pg.Client, where: string) {
  let holder: Promise<pg.Client> | undefined;
  const take = async () => {
    const client = connect();
    client.on("error", () => {});
    client.on("end", () => {
      holder = undefined;
    });
    await client.connect();
    const { rows } = await client.query("select pg_try_advisory_lock($1) as held", [lockKey]);
    if (rows[0].held) return client;
    await client.end();
    throw new TandemError(
      "conflict",
      `${where} is in use by another server; stop that one or choose another database`,
    );
  };
  return {
    async hold(): Promise<void> {
      holder ??= take();
      await holder.catch((error: unknown) => {
        holder = undefined;
        throw error;
      });
    },
    async release(): Promise<void> {
      const client = await holder?.catch(() => undefined);
      await client?.end();
    },
  };
}

/** Without the password. */
function nameOf(url: string): string {
  if (!URL.canParse(url))
    throw new TandemError("bad-config", `"${url}" is no address of a database: use postgres://…`);
  const { host, pathname } = new URL(url);
  return `PostgreSQL ${host}${pathname}`;
}
