import { createWriteStream } from "node:fs";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, TandemError } from "@tandem/core/errors";
import type {
  ClientRecord,
  EventRecord,
  ExperimentRecord,
  MetricRecord,
  RoundRecord,
} from "@tandem/core/experiment";
import { blobHash } from "@tandem/core/ids";
import type { BlobArchive, BlobStore, ExperimentStore } from "@tandem/core/stores";
import { openFileBlobs } from "./file-blobs";
import { referencedBlobs } from "./garbage";

type Stores = { readonly store: ExperimentStore; readonly blobs: BlobStore };
export type Counts = { readonly experiments: number; readonly blobs: number };
type Progress = (done: number, of: number) => void;

/** A line of `experiments.jsonl`. */
type Line = {
  readonly record: ExperimentRecord;
  readonly events: readonly EventRecord[];
  readonly rounds: readonly RoundRecord[];
  readonly clients: readonly ClientRecord[];
  readonly metrics: readonly MetricRecord[];
};
const format = "tandem-backup/1";

/**
 * Writes all experiments and the blobs they name to a folder that is not there yet: `experiments.jsonl`,
 * `blobs/`, and last `manifest.json`. Fit for any stores, whatever it was taken from.
 * Throws `conflict` for a folder that is there, `not-found` or `corrupt` for a blob.
 */
export async function backUp(
  { store, blobs }: Stores,
  directory: string,
  progress: Progress = () => {},
): Promise<Counts> {
  await mkdir(directory).catch((error: unknown) => {
    throw new TandemError("conflict", `${directory} cannot be made: ${messageOf(error)}`);
  });
  try {
    const copies = await openFileBlobs(join(directory, "blobs"));
    const named = [...(await referencedBlobs(store))].map(blobHash);
    let missing = 0;
    for (const [i, hash] of named.entries()) {
      // Someone may have made room: what is gone is gone, what has rotted is an error.
      if (await blobs.has(hash)) await copies.put(await blobs.get(hash));
      else missing++;
      progress(i + 1, named.length);
    }
    const records = await store.list();
    const lines = createWriteStream(join(directory, "experiments.jsonl"), { flush: true });
    for (const record of records) {
      const { id } = record;
      const line: Line = {
        record,
        events: await store.events(id),
        rounds: await store.rounds(id),
        clients: await store.clients(id),
        metrics: await store.metrics(id),
      };
      lines.write(`${JSON.stringify(line)}\n`);
    }
    await new Promise<void>((resolve, reject) => lines.on("error", reject).end(resolve));
    const counts = { experiments: records.length, blobs: named.length - missing };
    await writeWhole(
      join(directory, "manifest.json"),
      `${JSON.stringify({ format, ...counts })}\n`,
    );
    return counts;
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Puts a backup's blobs, then each of its experiments in one commit. Throws `bad-data` for what is no
 * whole backup and `conflict` if one of its experiments is there, before anything is written; `corrupt`
 * for a blob that has rotted, after the blobs before it.
 */
export async function restore(
  { store, blobs }: { readonly store: ExperimentStore; readonly blobs: BlobArchive },
  directory: string,
  progress: Progress = () => {},
): Promise<Counts> {
  const manifest = await readManifest(directory);
  const copies = await openFileBlobs(join(directory, "blobs"));
  const hashes = (await copies.list()).map(({ hash }) => hash);
  const lines = await readLines(directory);
  if (lines.length !== manifest.experiments || hashes.length !== manifest.blobs)
    throw new TandemError(
      "bad-data",
      `${directory} has ${lines.length} experiments and ${hashes.length} blobs, not ${manifest.experiments} and ${manifest.blobs} as its manifest says; take another backup`,
    );
  const there = new Set<string>((await store.list()).map(({ id }) => id));
  const twice = lines.find(({ record }) => there.has(record.id));
  if (twice)
    throw new TandemError(
      "conflict",
      `experiment ${twice.record.id} is there already; restore into stores without it`,
    );
  for (const [i, hash] of hashes.entries()) {
    await blobs.put(await copies.get(hash));
    progress(i + 1, hashes.length);
  }
  for (const { record, ...change } of lines) {
    const { status, state, updatedAt } = record;
    await store.create({ ...record, sequence: 0 });
    try {
      await store.commit(record.id, { ...change, experiment: { status, state, updatedAt } });
    } catch (error) {
      await store.remove(record.id);
      throw error;
    }
  }
  return manifest;
}

async function readLines(directory: string): Promise<readonly Line[]> {
  const path = join(directory, "experiments.jsonl");
  const text = await readFile(path, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line, i) => jsonOf(line, `line ${i + 1} of ${path}`) as Line); // by `backUp`
}

function jsonOf(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TandemError("bad-data", `${what} is not JSON; take another backup`);
  }
}

async function readManifest(directory: string): Promise<Counts> {
  const text = await readFile(join(directory, "manifest.json"), "utf8").catch(() => {
    throw new TandemError("bad-data", `${directory} is no whole backup: it has no manifest.json`);
  });
  const manifest = jsonOf(text, `${directory}/manifest.json`) as Counts & { format: unknown };
  if (manifest.format !== format)
    throw new TandemError("bad-data", `${directory} has format ${manifest.format}, not ${format}`);
  return manifest;
}

async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.draft`;
  const file = await open(draft, "w");
  await file.writeFile(text);
  await file.sync();
  await file.close();
  await rename(draft, path);
}
