import { f32 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { argMax, entropy, logSumExp, matrix, mean, normalise, rowsOf, softmax } from "./rows";

it("a matrix is its rows again", () => {
  const rows = rowsOf({ x: f32([2, 3], [1, 2, 3, 4, 5, 6]) }, "x");
  expect(rows.map((row) => Array.from(row))).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(matrix(rows)).toEqual(f32([2, 3], [1, 2, 3, 4, 5, 6]));
});

it("large logits do not overflow", () => {
  expect(logSumExp([1000, 1000])).toBeCloseTo(1000 + Math.log(2), 12);
  const [first, , last] = softmax([1000, 1000, -1000]);
  expect(first).toBeCloseTo(0.5, 12);
  expect(last).toBe(0);
});

it("zeros stay, and ln 0 does not count", () => {
  expect(Array.from(normalise([0, 0]))).toEqual([0, 0]);
  expect(Array.from(normalise([3, 4]))).toEqual([0.6, 0.8]);
  expect(entropy([1, 0])).toBe(0);
  expect(entropy([0.5, 0.5])).toBeCloseTo(Math.log(2), 12);
});

it("the first of equals is the largest, and a mean adds from first to last", () => {
  expect(argMax([1, 3, 3])).toBe(1);
  expect(mean([1, 2, 6])).toBe(3);
  expect(mean([1, 1e16, -1e16])).toBe(0); // 1 + 1e16 is 1e16; from last to first it is 1/3
});
