import { createRng } from "@tandem/core/rng";
import { expect, it } from "vitest";
import { pairedBootstrap } from "./bootstrap";

it("a difference that is the same in every pair has no width", () => {
  const result = pairedBootstrap([3, 5, 9], [1, 3, 7], { rng: createRng(1) });
  expect(result).toEqual({ difference: 2, low: 2, high: 2 });
});

it("the interval is that of the normal law for many pairs", () => {
  // Differences 1 and -1, 200 each: standard error 1 / sqrt(400) = 0.05, so ±1.96 x 0.05 = ±0.098.
  const left = Array.from({ length: 400 }, (_, i) => i % 2);
  const right = left.map((value) => 1 - value);
  const { difference, low, high } = pairedBootstrap(left, right, { rng: createRng(2) });
  expect(difference).toBe(0);
  expect(Math.abs(low + 0.098)).toBeLessThan(0.01);
  expect(Math.abs(high - 0.098)).toBeLessThan(0.01);
});

it("repeats with its seed, and narrows with less confidence", () => {
  const [left, right] = [
    [0.4, 0.6, 0.5, 0.9],
    [0.3, 0.7, 0.2, 0.5],
  ];
  const run = (confidence: number) =>
    pairedBootstrap(left, right, { rng: createRng(3), confidence, resamples: 2000 });
  expect(run(0.95)).toEqual(run(0.95));
  const [wide, narrow] = [run(0.95), run(0.5)];
  expect(narrow.high - narrow.low).toBeLessThan(wide.high - wide.low);
});

it("values without a partner are refused", () => {
  expect(() => pairedBootstrap([1], [1, 2], { rng: createRng(1) })).toThrow(/do not pair/);
});
