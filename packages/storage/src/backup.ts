import { createWriteStream } from "node:fs";
import { cp, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, TandemError } from "@tandem/core/errors";
import type {
  ApplicantRecord,
  ClientRecord,
  EventRecord,
  ExperimentRecord,
  InvitationRecord,
  MetricRecord,
  RoundRecord,
} from "@tandem/core/experiment";
import { blobHash } from "@tandem/core/ids";
import type { BlobArchive, BlobStore, ExperimentStore, TaskStore } from "@tandem/core/stores";
import type { TaskRecord } from "@tandem/core/task";
import {
  type BackboneFile,
  backbonesToRestore,
  copyBackbones,
  restoreBackbones,
} from "./backbone-files";
import { openFileBlobs } from "./file-blobs";
import { referencedBlobs } from "./garbage";
import { paintedFile, paintedOf, readPainted, writePainted } from "./painted-file";

type Stores = {
  readonly store: ExperimentStore;
  readonly tasks: TaskStore;
  readonly blobs: BlobStore;
  /** Folder of the bases that the server has trained for tasks; none are kept without it. */
  readonly teachers?: string;
  /** Folder of the backbones that the server hands out; none are kept without it. */
  readonly backbones?: string;
  /** File with what a teacher that charges has painted; its counts are not kept without it. */
  readonly painted?: string;
};
export type Counts = {
  readonly experiments: number;
  readonly tasks: number;
  readonly blobs: number;
  /** Of bases that were trained for tasks. */
  readonly bases: number;
  readonly backboneFiles: number;
};
type Progress = (done: number, of: number) => void;

/** A line of `experiments.jsonl`. */
type Line = {
  readonly record: ExperimentRecord;
  readonly events: readonly EventRecord[];
  readonly rounds: readonly RoundRecord[];
  readonly clients: readonly ClientRecord[];
  readonly metrics: readonly MetricRecord[];
  /** Both absent in backups from before there were any. */
  readonly invitations?: readonly InvitationRecord[];
  readonly applicants?: readonly ApplicantRecord[];
};
const format = "tandem-backup/2";
/** From before there were tasks. */
const formerFormat = "tandem-backup/1";

/**
 * Writes all tasks, all experiments and the blobs they name to a folder that is not there yet:
 * `tasks.jsonl`, `experiments.jsonl`, `blobs/`, `teachers/`, `backbones/` with `backbones.jsonl`,
 * `paintings.json`, and last `manifest.json`. Fit for any stores, whatever it was taken from.
 * Throws `conflict` for a folder that is there, `not-found` or `corrupt` for a blob.
 */
export async function backUp(
  { store, tasks, blobs, teachers, backbones, painted }: Stores,
  directory: string,
  progress: Progress = () => {},
): Promise<Counts> {
  await mkdir(directory).catch((error: unknown) => {
    throw new TandemError("conflict", `${directory} cannot be made: ${messageOf(error)}`);
  });
  try {
    const copies = await openFileBlobs(join(directory, "blobs"));
    const named = [...(await referencedBlobs({ store, tasks }))].map(blobHash);
    let missing = 0;
    for (const [i, hash] of named.entries()) {
      // Someone may have made room: what is gone is gone, what has rotted is an error.
      if (await blobs.has(hash)) await copies.put(await blobs.get(hash));
      else missing++;
      progress(i + 1, named.length);
    }
    const taskRecords = await tasks.list();
    const taskLines = taskRecords.map((record) => `${JSON.stringify(record)}\n`);
    await writeWhole(join(directory, "tasks.jsonl"), taskLines.join(""));
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
        invitations: await store.invitations(id),
        applicants: await store.applicants(id),
      };
      lines.write(`${JSON.stringify(line)}\n`);
    }
    await new Promise<void>((resolve, reject) => lines.on("error", reject).end(resolve));
    const ids = idsOf(taskRecords);
    const files = backbones ? await copyBackbones(backbones, join(directory, "backbones")) : [];
    const fileLines = files.map((file) => `${JSON.stringify(file)}\n`);
    await writeWhole(join(directory, "backbones.jsonl"), fileLines.join(""));
    if (painted) {
      const counts = paintedOf(await readPainted(painted), idsOf(records));
      await writePainted(join(directory, paintedFile), counts);
    }
    const counts = {
      experiments: records.length,
      tasks: taskRecords.length,
      bases: await copyBases(teachers, join(directory, "teachers"), ids),
      backboneFiles: files.length,
      blobs: named.length - missing,
    };
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
 * Puts a backup's blobs, then its tasks, then each of its experiments in one commit. Throws `bad-data` for
 * what is no whole backup, `conflict` if one of its tasks or experiments is there, or another file in place
 * of a backbone's, and `corrupt` for a backbone that has changed, before anything is written; `corrupt` for
 * a blob that has rotted, after the blobs before it.
 */
export async function restore(
  {
    store,
    tasks,
    blobs,
    teachers,
    backbones,
    painted,
  }: Omit<Stores, "blobs"> & { readonly blobs: BlobArchive },
  directory: string,
  progress: Progress = () => {},
): Promise<Counts> {
  const manifest = await readManifest(directory);
  const copies = await openFileBlobs(join(directory, "blobs"));
  const hashes = (await copies.list()).map(({ hash }) => hash);
  const lines = await readLines<Line>(join(directory, "experiments.jsonl"));
  const taskRecords = await readLines<TaskRecord>(join(directory, "tasks.jsonl"));
  const files = await readLines<BackboneFile>(join(directory, "backbones.jsonl"));
  const counts = await readPainted(join(directory, paintedFile));
  const copied = join(directory, "teachers");
  const ids = idsOf(taskRecords);
  const found: Counts = {
    experiments: lines.length,
    tasks: taskRecords.length,
    blobs: hashes.length,
    bases: (await basesIn(copied, ids)).length,
    backboneFiles: files.length,
  };
  for (const [what, name] of Object.entries(countNames) as [keyof Counts, string][])
    if (found[what] !== manifest[what])
      throw new TandemError(
        "bad-data",
        `${directory} has ${found[what]} ${name}, not ${manifest[what]} as its manifest says; take another backup`,
      );
  refuseTwice(
    "experiment",
    lines.map(({ record }) => record),
    await store.list(),
  );
  refuseTwice("task", taskRecords, await tasks.list());
  const between = backbones && { from: join(directory, "backbones"), to: backbones };
  const missing = between ? await backbonesToRestore(files, between) : [];
  for (const [i, hash] of hashes.entries()) {
    await blobs.put(await copies.get(hash));
    progress(i + 1, hashes.length);
  }
  await copyBases(copied, teachers, ids);
  if (between) await restoreBackbones(missing, between);
  if (painted) await writePainted(painted, { ...(await readPainted(painted)), ...counts });
  for (const record of taskRecords) await tasks.create(record);
  for (const { record, invitations = [], applicants = [], ...change } of lines) {
    const { status, state, updatedAt } = record;
    await store.create({ ...record, sequence: 0 });
    try {
      await store.commit(record.id, { ...change, experiment: { status, state, updatedAt } });
      for (const invitation of invitations) await store.invite(record.id, invitation);
      for (const applicant of applicants) await store.keepApplicant(record.id, applicant);
    } catch (error) {
      await store.remove(record.id);
      throw error;
    }
  }
  return manifest;
}

const countNames: Readonly<Record<keyof Counts, string>> = {
  experiments: "experiments",
  tasks: "tasks",
  blobs: "blobs",
  bases: "bases",
  backboneFiles: "files of backbones",
};

type Named = { readonly id: string };
const idsOf = (all: readonly Named[]): readonly string[] => all.map(({ id }) => id);
function refuseTwice(what: string, restored: readonly Named[], kept: readonly Named[]): void {
  const there = new Set(kept.map(({ id }) => id));
  const twice = restored.find(({ id }) => there.has(id));
  if (twice)
    throw new TandemError(
      "conflict",
      `${what} ${twice.id} is there already; restore into stores without it`,
    );
}

async function readLines<Line>(path: string): Promise<readonly Line[]> {
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
  if (manifest.format === formerFormat)
    return { ...manifest, tasks: 0, bases: 0, backboneFiles: 0 };
  if (manifest.format !== format)
    throw new TandemError("bad-data", `${directory} has format ${manifest.format}, not ${format}`);
  const { bases = 0, backboneFiles = 0 } = manifest; // backups from before there were any
  return { ...manifest, bases, backboneFiles };
}

/** The tasks whose folder there is. */
async function basesIn(folder: string, tasks: readonly string[]): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return tasks.filter((id) => names.includes(id));
}

/** What has been trained for these tasks, also what is half done; says of how many. */
async function copyBases(
  from: string | undefined,
  to: string | undefined,
  tasks: readonly string[],
): Promise<number> {
  if (from === undefined || to === undefined) return 0;
  const ids = await basesIn(from, tasks);
  for (const id of ids) {
    await rm(join(to, id), { recursive: true, force: true });
    await cp(join(from, id), join(to, id), { recursive: true });
  }
  return ids.length;
}

async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.draft`;
  const file = await open(draft, "w");
  await file.writeFile(text);
  await file.sync();
  await file.close();
  await rename(draft, path);
}
