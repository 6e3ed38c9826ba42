import { f32 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { compared, heldOutResult, shareOf } from "./held-out";

it.each([
  // Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])("Wilson's interval of %i in %i is as printed", (hits, count, low, high) => {
  const { share, interval } = shareOf(hits, count);
  expect(share).toBe(hits / count);
  expect(interval[0]).toBeCloseTo(low, 4);
  expect(interval[1]).toBeCloseTo(high, 4);
});

it("of all the interval ends at 1, of none at nothing known, and more hits than samples are refused", () => {
  expect(shareOf(20, 20).interval).toEqual([1 - shareOf(0, 20).interval[1], 1]);
  expect(shareOf(0, 0)).toEqual({ hits: 0, count: 0, share: undefined, interval: [0, 1] });
  expect(() => shareOf(3, 2)).toThrow("3 hits among 2");
});

it("tells accuracy by class and what is taken for what", () => {
  const logits = f32([5, 3], [3, 1, 0, 0, 2, 1, 0, 2, 1, 0, 0, 9, Number.NaN, 0, 0]);
  const result = heldOutResult(logits, [0, 0, 1, 1, 1]);
  expect(result.accuracy).toEqual(shareOf(2, 5));
  expect(result.classes).toEqual([shareOf(1, 2), shareOf(1, 3), shareOf(0, 0)]);
  expect(result.confusion).toEqual([
    [1, 1, 0],
    [0, 1, 1],
    [0, 0, 0],
  ]);
  expect([...result.predictions]).toEqual([0, 1, 1, 2, -1]);
});

it("refuses labels that are too few or of no class", () => {
  const logits = f32([2, 2], [0, 1, 0, 1]);
  expect(() => heldOutResult(logits, [0])).toThrow("2 rows of logits and 1 labels");
  expect(() => heldOutResult(logits, [0, 2])).toThrow("label 2 of row 1 is not below 2");
  expect(() => heldOutResult(logits, [0, -1])).toThrow("label -1 of row 1");
});

it("tells which rows another model gets right, and whether that could be chance", () => {
  const { chance, ...rows } = compared([0, 1, 1, 0, 1], [0, 0, 1, 1, 0], [0, 0, 0, 0, 0]);
  expect(rows).toEqual({
    both: Int32Array.of(0),
    neither: Int32Array.of(2),
    gained: Int32Array.of(1, 4),
    lost: Int32Array.of(3),
  });
  expect(chance).toBe(1);
  expect(() => compared([0], [0, 1], [0])).toThrow("1 and 2 predictions and 1 labels");
});

it("ten rows gained and one lost happen to equals in 24 of 2048 cases", () => {
  const labels = new Int32Array(11);
  const base = labels.map((_, row) => (row === 0 ? 0 : 1));
  const now = labels.map((_, row) => (row === 0 ? 1 : 0));
  expect(compared(base, now, labels).chance).toBeCloseTo(24 / 2048, 12);
  expect(compared(base, base, labels).chance).toBe(1);
  const many = new Int32Array(5000);
  expect(
    compared(
      many.map(() => 1),
      many,
      many,
    ).chance,
  ).toBe(0);
});
