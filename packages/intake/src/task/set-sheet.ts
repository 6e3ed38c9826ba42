import type { LabelledSet } from "@tandem/core/data";
import { type TensorOf, takeRows, u8 } from "@tandem/core/tensor";
import { encodeSheet, sheetColumns } from "@tandem/protocol/sheet";

const mostShown = 100;
const mostCaptions = 16;

/** The first pictures of each class in turn, as a PNG; none of a set without pictures. */
export const sheetOf = (set: LabelledSet): Uint8Array | undefined =>
  set.images && whiteSheet(takeRows(set.images, inTurn(set, "image").slice(0, mostShown)));

/** A sheet with white pictures at the end of the last row, which would be black. */
export function whiteSheet({ shape: [count, ...picture], data }: TensorOf<"u8">): Uint8Array {
  const columns = sheetColumns(count);
  const all = Math.ceil(count / columns) * columns;
  const pixels = new Uint8Array((data.length / count) * all).fill(255);
  pixels.set(data);
  return encodeSheet(u8([all, ...picture], pixels));
}

/** The first captions of each class in turn, each once; empty of a set without any. */
export function captionsOf(set: LabelledSet): readonly string[] {
  const found = new Set<string>();
  for (const row of set.captions ? inTurn(set, "text") : []) {
    found.add(set.captions?.[row] ?? "");
    if (found.size === mostCaptions) break;
  }
  return [...found];
}

/** Rows with such a part: the first of each class, then the second, and so on. */
function inTurn({ labels, present }: LabelledSet, part: "image" | "text"): readonly number[] {
  const counts = new Map<number, number>();
  const turns = Array.from(labels, (label, row) => {
    if (present?.[part]?.[row] === 0) return undefined;
    const turn = counts.get(label) ?? 0;
    counts.set(label, turn + 1);
    return { row, turn };
  });
  return turns
    .flatMap((one) => one ?? [])
    .sort((a, b) => a.turn - b.turn)
    .map(({ row }) => row);
}

/** Samples of each class. */
export function countsOf({ labels }: Pick<LabelledSet, "labels">, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]++;
  return counts;
}
