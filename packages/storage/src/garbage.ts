import { dayMs } from "@tandem/core/duration";
import { plural } from "@tandem/core/format";
import type { BlobHash, ExperimentId } from "@tandem/core/ids";
import type { BlobArchive, ExperimentStore, TaskStore } from "@tandem/core/stores";

/**
 * Every blob that a task names, its sets, and every one that an experiment's state, rounds or log names:
 * its states, instructions and uploads.
 */
export async function referencedBlobs({
  store,
  tasks,
}: {
  readonly store: ExperimentStore;
  readonly tasks: TaskStore;
}): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  for (const { publicSet, test } of await tasks.list())
    for (const set of [publicSet, test]) if (set) named.add(set.hash);
  for (const { id } of await store.list())
    for (const hash of await blobsOf(store, id)) named.add(hash);
  return named;
}

/** Every blob that the state, the rounds or the log of an experiment name. */
export async function blobsOf(
  store: ExperimentStore,
  id: ExperimentId,
): Promise<ReadonlySet<string>> {
  return hashesIn([await store.get(id), await store.rounds(id), await store.events(id)]);
}

/** Whatever in the records may be a blob's name. */
export function hashesIn(records: unknown): ReadonlySet<string> {
  const found = JSON.stringify(records).matchAll(/\b[0-9a-f]{64}\b/g);
  return new Set(Array.from(found, ([hash]) => hash));
}

/** Bytes of the blobs that each experiment names, those that several name with each. */
export async function usedBytes(
  store: ExperimentStore,
  blobs: BlobArchive,
): Promise<ReadonlyMap<ExperimentId, number>> {
  const sizes = new Map((await blobs.list()).map(({ hash, bytes }) => [hash as string, bytes]));
  const used = new Map<ExperimentId, number>();
  for (const { id } of await store.list()) {
    let sum = 0;
    for (const hash of await blobsOf(store, id)) sum += sizes.get(hash) ?? 0;
    used.set(id, sum);
  }
  return used;
}

/**
 * Deletes what neither task nor experiment names and nobody has put for `graceMs` (a day): uploads that were never
 * acknowledged, and what removed ones have left. For use while no server runs on the stores:
 * data for clients is not named, and put again by the next server that needs it. `isAnothers`: there is
 * neither task nor experiment, so that the blobs may be those of another database, and none is deleted.
 */
export async function collectGarbage(options: {
  readonly store: ExperimentStore;
  readonly tasks: TaskStore;
  readonly blobs: BlobArchive;
  readonly now: number;
  readonly graceMs?: number;
}): Promise<{ readonly kept: number; readonly deleted: number; readonly isAnothers: boolean }> {
  const { store, tasks, blobs, now, graceMs = dayMs } = options;
  const isEmpty = (await store.list()).length + (await tasks.list()).length === 0;
  if (isEmpty) {
    const { length: kept } = await blobs.list();
    return { kept, deleted: 0, isAnothers: kept > 0 };
  }
  const named = await referencedBlobs(options);
  const garbage: BlobHash[] = [];
  let kept = 0;
  for (const { hash, putAt } of await blobs.list())
    if (!named.has(hash) && putAt <= now - graceMs) garbage.push(hash);
    else kept++;
  for (const hash of garbage) await blobs.delete(hash);
  return { kept, deleted: garbage.length, isAnothers: false };
}

/** As whoever runs the server is told it. */
export const anothers = (blobs: number): string =>
  `the database has neither experiment nor task, and ${plural(blobs, "blob is", "blobs are")} there: none is deleted, for they may belong to another database; is TANDEM_DATABASE_URL as it was?`;
