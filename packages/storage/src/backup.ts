import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { blobHash } from "@tandem/core/ids";
import type { BlobStore } from "@tandem/core/stores";
import { getTableName } from "drizzle-orm";
import { backbonesIn } from "./backbone-files";
import { backedUp } from "./backup-contents";
import { type Counts, format, type Manifest, manifestFile, pathOfBlob } from "./backup-format";
import { type CheckedFolder, createCheckedFolder } from "./checked-folder";
import { ownMigration } from "./migrations";
import { paintedFile, paintedOf, readPainted } from "./painted-file";
import type { Records } from "./sql-records";
import { keepBases } from "./trained-bases";

export type BackupOptions = {
  readonly records: Records;
  readonly blobs: BlobStore;
  /** The server's data directory. */
  readonly data: string;
  /** Keeps blobs in place until its result is called: a running server goes on erasing otherwise. */
  readonly hold?: () => () => Promise<void>;
  /** Without accounts and what belongs to them, budgets and the audit log. */
  readonly withoutAccounts?: boolean;
  readonly now: () => number;
  readonly progress?: (done: number, of: number) => void;
  /** Throws where no more may be written; asked again and again. */
  readonly requireRoom?: () => Promise<void>;
  readonly signal?: AbortSignal;
};

/**
 * Writes all records as of one moment, then the blobs that they name, the data directory's other files
 * (`dataFiles`) and `manifest.json` to a folder that is not there until it is whole, with a list of checksums
 * (`createCheckedFolder`). Fit for any stores. Throws `conflict` for a folder that is there, `corrupt` for a
 * blob that has rotted, and whatever `signal` and `requireRoom` say.
 */
export async function backUp(options: BackupOptions, directory: string): Promise<Counts> {
  const release = options.hold?.();
  try {
    const folder = await createCheckedFolder(directory);
    try {
      const counts = await fill(folder, options);
      await folder.finish(() => pause(options));
      return counts;
    } catch (error) {
      await folder.abandon();
      throw error;
    }
  } finally {
    await release?.();
  }
}

async function fill(folder: CheckedFolder, options: BackupOptions): Promise<Counts> {
  const { data, now } = options;
  const takenAt = now();
  const { named, ids } = await writeRecords(folder, options);
  const blobs = await writeBlobs(folder, named, options);
  const backbones = join(data, "backbones");
  const backboneFiles = await backbonesIn(backbones);
  for (const path of backboneFiles) {
    await pause(options);
    await folder.copy(join(backbones, path), `backbones/${path}`);
  }
  const painted = paintedOf(await readPainted(join(data, paintedFile)), ids("experiments"));
  await folder.write(paintedFile, bytesOf(JSON.stringify(painted)));
  const counts: Counts = {
    accounts: ids("users").length,
    experiments: ids("experiments").length,
    tasks: ids("tasks").length,
    blobs,
    bases: await keepBases(join(data, "teachers"), ids("tasks"), folder),
    backboneFiles: backboneFiles.length,
  };
  const schema = await ownMigration();
  const manifest: Manifest = { format, takenAt, schema, ...counts, files: folder.files() + 1 };
  await folder.write(manifestFile, bytesOf(`${JSON.stringify(manifest, null, 2)}\n`));
  return counts;
}

/** `tables/NAME.jsonl` where there are rows; gives back which blobs they name, and the ids in a table. */
async function writeRecords(folder: CheckedFolder, options: BackupOptions) {
  const { records, withoutAccounts = false } = options;
  const wanted = backedUp.filter(({ isOfAccounts }) => !(withoutAccounts && isOfAccounts));
  const naming = new Set(wanted.filter((one) => one.namesBlobs).map(({ table }) => table));
  const named = new Set<string>();
  const ids = new Map<string, string[]>();
  let current: { readonly name: string; readonly file: OpenFile } | undefined;
  await records.snapshot(
    wanted.map(({ table }) => table),
    async ({ table, rows }) => {
      await pause(options);
      const name = getTableName(table);
      if (current?.name !== name) {
        await current?.file.end();
        current = { name, file: await folder.open(`tables/${name}.jsonl`) };
      }
      if (naming.has(table))
        for (const row of rows) for (const [hash] of row.matchAll(hashes)) named.add(hash);
      if (withIds.includes(name)) ids.set(name, [...(ids.get(name) ?? []), ...rows.map(idOf)]);
      await current.file.append(bytesOf(rows.map((row) => `${row}\n`).join("")));
    },
  );
  await current?.file.end();
  return { named, ids: (table: string): readonly string[] => ids.get(table) ?? [] };
}

async function writeBlobs(
  folder: CheckedFolder,
  named: ReadonlySet<string>,
  options: BackupOptions,
): Promise<number> {
  const { blobs, progress } = options;
  let [done, written] = [0, 0];
  for (const name of named) {
    await pause(options);
    const hash = blobHash(name);
    // Somebody may have made room, and not every name in a state is a blob's; what has rotted is an error.
    if (await blobs.has(hash)) {
      await folder.write(pathOfBlob(hash), await blobs.get(hash), hash);
      written++;
    }
    progress?.(++done, named.size);
  }
  return written;
}

/** Others have their turn, and may end it. */
async function pause({ signal, requireRoom }: BackupOptions): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
  await requireRoom?.();
}

type OpenFile = Awaited<ReturnType<CheckedFolder["open"]>>;
const hashes = /\b[0-9a-f]{64}\b/g;
const withIds = ["users", "tasks", "experiments"];
const idOf = (row: string): string => (JSON.parse(row) as { readonly id: string }).id; // its primary key
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
