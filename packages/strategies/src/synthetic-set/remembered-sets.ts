import { concatenate, type LabelledSet } from "@tandem/core/data";
import type { Payload, WireEncoding } from "@tandem/core/payload";
import {
  type Arrays,
  addPrefix,
  arrayOf,
  concatenateRows,
  type TensorData,
  type TensorOf,
  underPrefix,
} from "@tandem/core/tensor";

/** A synthetic set as this client sees it, and what the server has concluded about it since. */
export type RememberedSet = {
  readonly set: number;
  readonly captions: readonly string[];
  readonly labels: readonly number[];
  readonly images?: TensorOf<"u8">;
  readonly knowledge?: Arrays;
};

/** The set that an instruction asks about. */
export function askedSet({ arrays, meta }: Payload): RememberedSet {
  const { set, captions, labels } = meta as unknown as RememberedSet; // written by the server half
  return {
    set,
    captions,
    labels,
    ...(arrays.images && { images: arrayOf(arrays, "images", "u8") }),
  };
}

export const asLabelledSet = ({ labels, captions, images }: RememberedSet): LabelledSet => ({
  size: labels.length,
  labels: Int32Array.from(labels),
  captions,
  ...(images && { images }),
});

/**
 * The client's sets and those that the instruction makes up for, with the knowledge that came with it
 * attached to its set, in the order of sets.
 */
export function recall(memory: Payload, instruction: Payload): readonly RememberedSet[] {
  const own = (memory.meta.sets ?? []) as unknown as readonly RememberedSet[]; // by `remember`
  const past = (instruction.meta.past ?? []) as unknown as readonly RememberedSet[]; // by `pastFor`
  const sets = new Map<number, RememberedSet>();
  for (const entry of own)
    sets.set(entry.set, withArrays(entry, underPrefix(`${entry.set}/`, memory.arrays)));
  for (const entry of past) {
    const held = sets.get(entry.set);
    const told = underPrefix(`past/${entry.set}/`, instruction.arrays);
    // One without captions is told to who has it.
    if (held || entry.captions.length > 0) sets.set(entry.set, withArrays(held ?? entry, told));
  }
  const newest = sets.get(Number(instruction.meta.knowledgeOf));
  if (newest) {
    const { images: _, ...arrays } = instruction.arrays;
    const told = Object.entries(arrays).filter(([name]) => !name.startsWith("past/"));
    sets.set(newest.set, withArrays(newest, Object.fromEntries(told)));
  }
  return [...sets.values()].sort((a, b) => a.set - b.set);
}

function withArrays(entry: RememberedSet, { images, ...told }: Arrays): RememberedSet {
  return {
    ...entry,
    ...(images && { images: arrayOf({ images }, "images", "u8") }),
    ...(Object.keys(told).length > 0 && { knowledge: told }),
  };
}

export function remember(sets: readonly RememberedSet[]): Payload {
  const encoding: Record<string, WireEncoding> = {};
  const arrays = sets.map(({ set, images, knowledge = {} }) => {
    if (images) encoding[`${set}/images`] = "png";
    return addPrefix(`${set}/`, { ...knowledge, ...(images && { images }) });
  });
  return {
    arrays: Object.assign({}, ...arrays),
    meta: { sets: sets.map(({ set, captions, labels }) => ({ set, captions, labels })) },
    encoding,
  };
}

/** One set of all rows, and the knowledge about them in the same order. */
export function joined(sets: readonly RememberedSet[]): {
  readonly set: LabelledSet;
  readonly knowledge: Arrays;
} {
  const known = sets.map(({ knowledge = {} }) => knowledge);
  const names = Object.keys(known[0]);
  return {
    set: concatenate(sets.map(asLabelledSet)),
    knowledge: Object.fromEntries(
      names.map((name) => [
        name,
        concatenateRows(known.map((arrays) => arrays[name])) as TensorData,
      ]),
    ),
  };
}
