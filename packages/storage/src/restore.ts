import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { blobHash } from "@tandem/core/ids";
import type { BlobStore } from "@tandem/core/stores";
import { getTableName } from "drizzle-orm";
import { backbonesToRestore, restoreBackbones } from "./backbone-files";
import { backedUp } from "./backup-contents";
import {
  type Counts,
  format,
  type Manifest,
  manifestFile,
  type OpenBackup,
  pathOfBlob,
} from "./backup-format";
import { checkFolder, linesOf, type Sum, sumsFile, sumsOf } from "./checked-folder";
import { formerFormats, openFormerBackup } from "./former-backup";
import { ownMigration } from "./migrations";
import { paintedFile, readPainted, writePainted } from "./painted-file";
import { type Records, rowsPerPage } from "./sql-records";
import { putBases } from "./trained-bases";

export type RestoreOptions = {
  readonly records: Records;
  readonly blobs: BlobStore;
  /** The server's data directory. */
  readonly data: string;
  /** Without accounts and what belongs to them, budgets and the audit log. */
  readonly withoutAccounts?: boolean;
  readonly progress?: (done: number, of: number) => void;
};

/**
 * Puts a backup's blobs and files and, in one transaction, its records, for use while no server runs on the
 * stores. Before anything is written it throws `bad-data` for what is no whole backup, `corrupt` for a file
 * that has changed, `not-supported` for a later version's, and `conflict` for a record that is there already
 * or another file in place of a backbone's.
 */
export async function restore(options: RestoreOptions, directory: string): Promise<Counts> {
  const { records, blobs, data, progress } = options;
  const backup = await openBackup(directory, options);
  const between = { from: join(directory, "backbones"), to: join(data, "backbones") };
  const missing = await backbonesToRestore(backup.backbones, between);
  const counts = await readPainted(join(directory, paintedFile));
  const painted = join(data, paintedFile);
  await records.insert(backup.pages(), async () => {
    let done = 0;
    for await (const hash of backup.blobs()) {
      const path = join(directory, pathOfBlob(hash));
      const found = await blobs.put(await readFile(path));
      if (found !== hash)
        throw new TandemError("corrupt", `${path} has changed; take another backup`);
      progress?.(++done, backup.counts.blobs);
    }
    const bases = { from: join(directory, "teachers"), to: join(data, "teachers") };
    await putBases(bases, backup.tasks, backup.baseFiles);
    await restoreBackbones(missing, between);
    await writePainted(painted, { ...(await readPainted(painted)), ...counts });
  });
  return backup.counts;
}

async function openBackup(directory: string, options: RestoreOptions): Promise<OpenBackup> {
  const manifest = await readManifest(directory);
  if (formerFormats.includes(manifest.format)) return openFormerBackup(directory, manifest);
  if (manifest.format !== format)
    throw new TandemError(
      "bad-data",
      `${directory} has format ${String(manifest.format).slice(0, 100)}, not ${format}`,
    );
  const whole = manifest as unknown as Manifest; // by `backUp`, as its checksum says below
  const own = await ownMigration();
  if (!(whole.schema?.when <= own.when))
    throw new TandemError(
      "not-supported",
      `${directory} was made by a later version, with ${String(whole.schema?.tag).slice(0, 100)}: this one knows none after ${own.tag}`,
    );
  await access(join(directory, sumsFile)).catch((cause: unknown) => {
    throw new TandemError("bad-data", `${directory} is no whole backup: it has no ${sumsFile}`, {
      cause,
    });
  });
  const files = await checkFolder(directory);
  if (files !== whole.files)
    throw new TandemError(
      "bad-data",
      `${directory} lists ${files} files, not ${whole.files} as its manifest says; take another backup`,
    );
  return opened(directory, whole, options);
}

async function opened(
  directory: string,
  manifest: Manifest,
  { withoutAccounts = false }: RestoreOptions,
): Promise<OpenBackup> {
  const tables = new Set<string>();
  const tasks = new Set<string>();
  const baseFiles = new Set<string>();
  const backbones: Sum[] = [];
  for await (const { path, sha256 } of sumsOf(directory)) {
    const [kind, name, ...rest] = path.split("/");
    if (kind === "tables") tables.add(name.replace(/\.jsonl$/, ""));
    if (kind === "teachers") {
      tasks.add(name);
      baseFiles.add([name, ...rest].join("/"));
    }
    if (kind === "backbones") backbones.push({ path: [name, ...rest].join("/"), sha256 });
  }
  const known = backedUp.map(({ table }) => getTableName(table));
  const unknown = [...tables].find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new TandemError("bad-data", `${directory} has a table ${unknown}, which is none`);
  const wanted = backedUp.filter(
    ({ table, isOfAccounts }) =>
      tables.has(getTableName(table)) && !(withoutAccounts && isOfAccounts),
  );
  return {
    counts: withoutAccounts ? { ...manifest, accounts: 0 } : manifest,
    async *pages() {
      for (const { table } of wanted) {
        let rows: string[] = [];
        for await (const row of linesOf(join(directory, `tables/${getTableName(table)}.jsonl`))) {
          rows.push(row);
          if (rows.length < rowsPerPage) continue;
          yield { table, rows };
          rows = [];
        }
        if (rows.length > 0) yield { table, rows };
      }
    },
    async *blobs() {
      for await (const { path } of sumsOf(directory)) {
        const name = path.split("/").at(-1) ?? "";
        if (path.startsWith("blobs/")) yield blobHash(name);
      }
    },
    tasks: [...tasks],
    baseFiles,
    backbones,
  };
}

async function readManifest(directory: string): Promise<{ readonly format: unknown }> {
  const path = join(directory, manifestFile);
  const text = await readFile(path, "utf8").catch(() => {
    throw new TandemError("bad-data", `${directory} is no whole backup: it has no ${manifestFile}`);
  });
  try {
    const manifest: unknown = JSON.parse(text);
    if (typeof manifest === "object" && manifest !== null) return { format: null, ...manifest };
  } catch {} // says no more than that
  throw new TandemError("bad-data", `${path} is not JSON of a backup; take another one`);
}
