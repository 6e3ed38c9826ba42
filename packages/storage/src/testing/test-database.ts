import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { PGlite } from "@electric-sql/pglite";
import { lazily } from "@tandem/core/lazily";
import { drizzle } from "drizzle-orm/pglite";
import { migrate } from "drizzle-orm/pglite/migrator";
import { migrationsFolder } from "../migrations";
import { type SqlStores, storesOn } from "../sql-stores";

const folder = join(migrationsFolder, "../../../.cache/test-database");

/**
 * An empty database in memory, as `openPgliteExperiments` makes one. It is a copy of one that was made
 * once for these migrations and this PGlite: making the cluster takes most of the time.
 */
export async function openTestDatabase(): Promise<SqlStores> {
  const client = await PGlite.create({ loadDataDir: await template.get() });
  return storesOn(drizzle(client), async () => {
    if (!client.closed) await client.close();
  });
}

/** Puts one where a server with this data folder has its own; the server then need not make it. */
export async function placeTestDatabase(directory: string): Promise<void> {
  await template.get();
  const place = join(directory, "postgres");
  await mkdir(place, { recursive: true });
  await promisify(execFile)("tar", ["-xf", join(folder, await nameOf()), "-C", place]);
}

const template = lazily(async (): Promise<Blob> => {
  const name = await nameOf();
  const kept = await readFile(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return kept ? new Blob([kept]) : made(name);
});

async function made(name: string): Promise<Blob> {
  const client = await PGlite.create();
  await migrate(drizzle(client), { migrationsFolder });
  const dump = await client.dumpDataDir("none");
  await client.close();
  await mkdir(folder, { recursive: true });
  const part = join(folder, `${randomUUID()}.part`);
  await writeFile(part, new Uint8Array(await dump.arrayBuffer()));
  await rename(part, join(folder, name)); // whole or not at all: others may be making it too
  const others = (await readdir(folder)).filter((one) => one.endsWith(".tar") && one !== name);
  for (const other of others) await rm(join(folder, other), { force: true });
  return dump;
}

async function nameOf(): Promise<string> {
  const hash = createHash("sha256");
  const pglite = createRequire(import.meta.url).resolve("@electric-sql/pglite");
  hash.update(await readFile(pglite));
  const files = (await readdir(migrationsFolder)).filter((file) => file.endsWith(".sql"));
  for (const file of files.sort()) hash.update(await readFile(join(migrationsFolder, file)));
  return `${hash.digest("hex").slice(0, 16)}.tar`;
}
