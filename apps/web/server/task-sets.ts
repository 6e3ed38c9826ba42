import type { LabelledSet } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import type { BlobStore } from "@tandem/core/stores";
import type { Task, TaskRecord } from "@tandem/core/task";
import { putSet } from "@tandem/datasets/task/put-set";
import { type SetFolder, setFolders } from "@tandem/intake/task/read-task";
import { captionsOf, countsOf } from "@tandem/intake/task/set-sheet";
import { decodeLabelledSet } from "@tandem/protocol/labelled-set";
import { requireLicence } from "@tandem/protocol/task";
import type { SetView } from "@tandem/protocol/view";

/** Where a task's record has the set of a folder. */
export const keyOf = { public: "publicSet", test: "test" } as const;

export async function setOf(
  blobs: BlobStore,
  record: TaskRecord,
  folder: SetFolder,
): Promise<LabelledSet | undefined> {
  const stored = record[keyOf[folder]];
  return stored && decodeLabelledSet(await blobs.get(stored.hash));
}

export const sizeOfSet = ({ size, bytes }: NonNullable<TaskRecord["test"]>) => ({
  samples: size,
  bytes,
});

/** A task's sets as its own page shows them: looked into, which takes time. */
export async function countedSets(
  blobs: BlobStore,
  record: TaskRecord,
): Promise<{ readonly publicSet?: SetView; readonly test?: SetView }> {
  const views: { publicSet?: SetView; test?: SetView } = {};
  for (const folder of setFolders) {
    const stored = record[keyOf[folder]];
    const set = await setOf(blobs, record, folder);
    if (!stored || !set) continue;
    const counts = countsOf(set, record.task.classes.length);
    const hasPictures = set.images !== undefined;
    views[keyOf[folder]] = { ...sizeOfSet(stored), counts, hasPictures, captions: captionsOf(set) };
  }
  return views;
}

/** Sets of a task that stay, by the folders that are named, and those that come in their place. */
export type NewSets = {
  /** The task that has what stays. */
  readonly from?: TaskRecord | undefined;
  readonly keeps: readonly SetFolder[];
  readonly sets: { readonly [folder in SetFolder]?: LabelledSet };
};

type Stored = Pick<TaskRecord, "publicSet" | "test">;

/**
 * As the task's record will have them. Throws `bad-config` for what is to stay and is not there and for a
 * public set without a licence, `conflict` for what stays and was read for other classes or pictures.
 */
export async function storedSets(
  blobs: BlobStore,
  task: Task,
  { from, keeps, sets }: NewSets,
): Promise<Stored> {
  const stored: { -readonly [key in keyof Stored]: NonNullable<Stored[key]> } = {};
  for (const folder of setFolders) {
    if (sets[folder] || !keeps.includes(folder)) continue;
    stored[keyOf[folder]] = from?.[keyOf[folder]] ?? missing(folder, from);
  }
  if (from) requireSameShape({ ...stored, task: from.task }, task);
  requireLicence(task, (sets.public ?? stored.publicSet) !== undefined);
  for (const folder of setFolders) {
    const set = sets[folder];
    if (set) stored[keyOf[folder]] = await putSet(blobs, set);
  }
  return stored;
}

function missing(folder: SetFolder, from: TaskRecord | undefined): never {
  const of = from ? `“${from.task.name}”` : "a new task";
  throw new TandemError("bad-config", `keep: ${of} has no ${folder} set: leave it out`);
}

/** Throws `conflict` where the stored sets would no longer be of the task. */
export function requireSameShape(
  { task: before, publicSet, test }: Pick<TaskRecord, "task" | "publicSet" | "test">,
  after: Task,
): void {
  if (!publicSet && !test) return;
  const shapes = ({ classes, pictures }: Task) => ({
    classes: classes.map(({ name }) => name),
    pictures: [pictures.size, pictures.colour, pictures.background],
  });
  for (const field of ["classes", "pictures"] as const)
    if (JSON.stringify(shapes(before)[field]) !== JSON.stringify(shapes(after)[field]))
      throw new TandemError(
        "conflict",
        `${field}: the task's sets were read for others: remove the sets first, and bring them again afterwards`,
      );
}
