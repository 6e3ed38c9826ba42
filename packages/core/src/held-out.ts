import { type LabelledSet, modalities, subset } from "./data";
import { grouped } from "./grouped";
import { isPresent, withoutMasked } from "./presence";
import { heldOutShare } from "./task";

/** Of so many samples of a class. */
export const heldOutCount = (samples: number): number =>
  samples < 2 ? 0 : Math.max(1, Math.round(samples * heldOutShare));

/** On which side samples are, by their keys; true: held out. */
export type Sides = ReadonlyMap<string, boolean>;

export type Split = {
  readonly train: LabelledSet;
  readonly heldOut: LabelledSet;
  /** Samples in neither: they are known to be held out, and lack a part that others have. */
  readonly aside: number;
  /** What is known now. */
  readonly sides: Sides;
};

/**
 * A set in two: what its owner trains on, and what it measures on, each in the order of the set. `keys`
 * name what each sample is: samples of one key stay on one side, and on the side that is known of it.
 * Others are held out until each class has a fifth, rounded, and one at least where it has two keys. A
 * sample that lacks a part is for training alone. The same keys give the same sides, in any order.
 */
export function heldOutSplit(
  set: LabelledSet,
  keys: readonly string[],
  known: Sides = new Map(),
): Split {
  const held = modalities.filter((one) => (one === "image" ? set.images : set.captions));
  const isWhole = (row: number) => held.every((modality) => isPresent(set, modality, row));
  const groups = Array.from(
    grouped(keys.keys(), (row) => keys[row]),
    ([key, rows]): Group => ({
      key,
      rows,
      isWhole: rows.every(isWhole),
    }),
  );
  const sides = new Map(known);
  for (const own of grouped(groups, ({ rows }) => String(set.labels[rows[0]])).values())
    for (const [key, isHeldOut] of settled(own, known)) sides.set(key, isHeldOut);
  const part = (isHeldOut: boolean) => {
    const rows = Array.from(set.labels.keys()).filter(
      (row) => sides.get(keys[row]) === isHeldOut && (!isHeldOut || isWhole(row)),
    );
    return withoutMasked(subset(set, Int32Array.from(rows)), {});
  };
  const [train, heldOut] = [part(false), part(true)];
  return { train, heldOut, aside: set.size - train.size - heldOut.size, sides };
}

/** Samples of one key; their class is that of the first. */
type Group = {
  readonly key: string;
  readonly rows: readonly number[];
  readonly isWhole: boolean;
};

/** Of the groups of a class that are not known yet. */
function settled(groups: readonly Group[], known: Sides): readonly (readonly [string, boolean])[] {
  const sizeOf = (some: readonly Group[]) => some.reduce((sum, { rows }) => sum + rows.length, 0);
  const wanted = heldOutCount(sizeOf(groups));
  let count = sizeOf(groups.filter(({ key, isWhole }) => isWhole && known.get(key) === true));
  const open = groups
    .filter(({ key }) => !known.has(key))
    .sort((a, b) => a.rows.length - b.rows.length || (a.key < b.key ? -1 : 1));
  return open.map(({ key, rows, isWhole }) => {
    const isOnly = count === 0 && groups.length > 1;
    const isHeldOut = isWhole && (isOnly || count + rows.length <= wanted);
    if (isHeldOut) count += rows.length;
    return [key, isHeldOut];
  });
}
