import type { BlobHash } from "@tandem/core/ids";
import type { BlobArchive, ExperimentStore, TaskStore } from "@tandem/core/stores";

const dayMs = 86_400_000;

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
  for (const record of await store.list()) {
    const { id } = record;
    const everything = [record, await store.rounds(id), await store.events(id)];
    for (const [hash] of JSON.stringify(everything).matchAll(/\b[0-9a-f]{64}\b/g)) named.add(hash);
  }
  return named;
}

/**
 * Deletes what neither task nor experiment names and nobody has put for `graceMs` (a day): uploads that were never
 * acknowledged, and what removed ones have left. For use while no server runs on the stores:
 * data for clients is not named, and put again by the next server that needs it.
 */
export async function collectGarbage(options: {
  readonly store: ExperimentStore;
  readonly tasks: TaskStore;
  readonly blobs: BlobArchive;
  readonly now: number;
  readonly graceMs?: number;
}): Promise<{ readonly kept: number; readonly deleted: number }> {
  const { blobs, now, graceMs = dayMs } = options;
  const named = await referencedBlobs(options);
  const garbage: BlobHash[] = [];
  let kept = 0;
  for (const { hash, putAt } of await blobs.list())
    if (!named.has(hash) && putAt <= now - graceMs) garbage.push(hash);
    else kept++;
  for (const hash of garbage) await blobs.delete(hash);
  return { kept, deleted: garbage.length };
}
