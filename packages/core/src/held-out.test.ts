import { expect, it } from "vitest";
import type { LabelledSet } from "./data";
import { heldOutSplit } from "./held-out";
import { withoutMasked } from "./presence";
import { u8 } from "./tensor";

/** Of class 0 twenty samples, of 1 seven, of 2 two, of 3 one. */
const labels = Int32Array.from(
  [0, 1, 2, 3].flatMap((label) => Array([20, 7, 2, 1][label]).fill(label)),
);
const set: LabelledSet = {
  size: labels.length,
  labels,
  images: u8(
    [30, 1, 1, 3],
    Uint8Array.from({ length: 90 }, (_, i) => 1 + Math.floor(i / 3)),
  ),
  captions: Array.from(labels.keys(), (row) => `caption ${row + 1}`),
};
const rowsOf = ({ images }: LabelledSet) =>
  Array.from(images?.data ?? []).filter((_, i) => i % 3 === 0);

it("holds out a fifth of each class, one at least where there are two, and loses no sample", () => {
  const { train, heldOut } = heldOutSplit(set, 1);
  const counts = [0, 1, 2, 3].map((label) => heldOut.labels.filter((own) => own === label).length);
  expect(counts).toEqual([4, 1, 1, 0]);
  expect([train.size, heldOut.size]).toEqual([24, 6]);
  expect([...rowsOf(train), ...rowsOf(heldOut)].sort((a, b) => a - b)).toEqual(rowsOf(set));
  for (const { images, captions, labels: own } of [train, heldOut])
    rowsOf({ images } as LabelledSet).forEach((row, i) => {
      expect(captions?.[i]).toBe(`caption ${row}`);
      expect(own[i]).toBe(labels[row - 1]);
    });
});

it("is the same for the same seed, and another for another", () => {
  expect(heldOutSplit(set, 1)).toEqual(heldOutSplit(set, 1));
  expect(rowsOf(heldOutSplit(set, 2).heldOut)).not.toEqual(rowsOf(heldOutSplit(set, 1).heldOut));
});

it("trains on samples that lack a half, and measures on whole ones", () => {
  const text = Uint8Array.from(labels, (label, row) => Number(label !== 0 || row < 3));
  const holed = withoutMasked(set, { text });
  const { train, heldOut } = heldOutSplit(holed, 1);
  expect(heldOut.labels.filter((label) => label === 0)).toHaveLength(3);
  expect(heldOut.present).toBeUndefined();
  expect(train.present?.text?.filter((has) => has === 0)).toHaveLength(17);
});
