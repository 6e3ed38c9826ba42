import { type LabelledSet, subset } from "@tandem/core/data";
import type { Rng } from "@tandem/core/rng";

/** The same number of samples of each class, or all that there are; grouped by class. */
export function balanced(
  set: LabelledSet,
  {
    classes,
    perClass,
    rng,
  }: { readonly classes: number; readonly perClass: number; readonly rng: Rng },
): LabelledSet {
  const rows = Array.from({ length: classes }, (_, label) => {
    const members = Array.from(set.labels.keys()).filter((row) => set.labels[row] === label);
    return Array.from(rng.permutation(members.length).slice(0, perClass), (i) => members[i]);
  });
  return subset(set, Int32Array.from(rows.flat()));
}

/** The same, with what part each sample is of. */
export const inParts = (set: LabelledSet, partOf: (row: number) => string): LabelledSet => ({
  ...set,
  parts: Array.from(set.labels.keys(), partOf),
});
