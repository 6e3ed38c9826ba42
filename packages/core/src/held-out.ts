import { type LabelledSet, modalities, subset } from "./data";
import { isPresent, withoutMasked } from "./presence";
import { createRng } from "./rng";
import { heldOutShare } from "./task";

/** Of so many samples of a class. */
export const heldOutCount = (samples: number): number =>
  samples < 2 ? 0 : Math.max(1, Math.round(samples * heldOutShare));

/**
 * A set in two: what its owner trains on, and what it measures on. Of each class a fifth, rounded, is
 * held out: at least one sample where there are two or more, and none of a class of one. A sample that
 * lacks the picture or caption that others have is for training alone. The same set and seed give the
 * same parts, each in the order of the set.
 */
export function heldOutSplit(
  set: LabelledSet,
  seed: number,
): { readonly train: LabelledSet; readonly heldOut: LabelledSet } {
  const held = modalities.filter((one) => (one === "image" ? set.images : set.captions));
  const isWhole = (row: number) => held.every((modality) => isPresent(set, modality, row));
  const rows = Array.from(set.labels.keys());
  const kept = new Set<number>();
  for (const label of new Set(set.labels)) {
    const own = rows.filter((row) => set.labels[row] === label);
    const whole = own.filter(isWhole);
    const order = createRng(`held-out/${seed}/${label}`).permutation(whole.length);
    for (const i of order.subarray(0, heldOutCount(own.length))) kept.add(whole[i]);
  }
  const part = (isHeldOut: boolean) =>
    withoutMasked(
      subset(set, Int32Array.from(rows.filter((row) => kept.has(row) === isHeldOut))),
      {},
    );
  return { train: part(false), heldOut: part(true) };
}
