import type { LabelledSet } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import type { BlobStore } from "@tandem/core/stores";
import type { Task, TaskRecord } from "@tandem/core/task";
import { takeRows } from "@tandem/core/tensor";
import type { SetFolder } from "@tandem/intake/task/read-task";
import { decodeLabelledSet } from "@tandem/protocol/labelled-set";
import { encodeSheet } from "@tandem/protocol/sheet";

const mostShown = 100;
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

/** The first pictures of each class in turn, as a PNG; none of a set without pictures. */
export const sheetOf = (set: LabelledSet): Uint8Array | undefined =>
  set.images && encodeSheet(takeRows(set.images, inTurn(set).slice(0, mostShown)));

/** Rows with a picture: the first of each class, then the second, and so on. */
function inTurn({ labels, present }: LabelledSet): readonly number[] {
  const counts = new Map<number, number>();
  const turns = Array.from(labels, (label, row) => {
    if (present?.image?.[row] === 0) return undefined;
    const turn = counts.get(label) ?? 0;
    counts.set(label, turn + 1);
    return { row, turn };
  });
  return turns
    .flatMap((one) => one ?? [])
    .sort((a, b) => a.turn - b.turn)
    .map(({ row }) => row);
}
