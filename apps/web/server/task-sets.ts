import type { LabelledSet } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import type { BlobStore } from "@tandem/core/stores";
import type { Task, TaskRecord } from "@tandem/core/task";
import { type SetFolder, setFolders } from "@tandem/intake/task/read-task";
import { countsOf } from "@tandem/intake/task/set-sheet";
import { decodeLabelledSet } from "@tandem/protocol/labelled-set";
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
    views[keyOf[folder]] = { ...sizeOfSet(stored), counts, hasPictures: set.images !== undefined };
  }
  return views;
}

/** Throws `conflict` where the stored sets would no longer be of the task. */
export function requireSameShape({ task: before, publicSet, test }: TaskRecord, after: Task): void {
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
