import { createRng } from "@tandem/core/rng";
import { f32 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { kernelDistance, squaredDiscrepancy } from "./kernel-distance";

const line = (...values: number[]) => f32([values.length, 1], values);

it("MMD² is what is computed by hand, below zero at times, and the same for repeated columns", () => {
  // (xy + 1)³: within 0, 1: 1. Within 0, 2: 1. Between: 1, 1, 1, 27, mean 7.5. 1 + 1 - 15.
  expect(squaredDiscrepancy(line(0, 1), line(0, 2))).toBe(-13);
  expect(squaredDiscrepancy(f32([2, 2], [0, 0, 1, 1]), f32([2, 2], [0, 0, 2, 2]))).toBe(-13);
});

it("is unbiased: normal laws at 0 and 1 are 22 apart", () => {
  // Moments 0, 1, 0 and 1, 2, 4. MMD² = 3 (0 - 1)² + 3 (1 - 2)² + (0 - 4)² = 22.
  const rng = createRng(1);
  const draw = (mean: number) => line(...Array.from({ length: 20 }, () => mean + rng.normal()));
  const values = Array.from({ length: 1000 }, () => squaredDiscrepancy(draw(0), draw(1)));
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
  expect(Math.abs(mean - 22)).toBeLessThan((3 * deviation) / Math.sqrt(values.length));
});

it("subsets cover the sets, repeat with their seed and do not pass them", () => {
  const [left, right] = [line(0, 1, 3), line(2, 0, 1, 5)];
  const run = (size: number, seed = 1) =>
    kernelDistance(left, right, { rng: createRng(seed), subsets: 400, size });
  expect(run(2)).toEqual(run(2));
  expect(run(2)).not.toEqual(run(2, 2));
  const { mean, std } = run(2);
  const whole = squaredDiscrepancy(left, right);
  expect(Math.abs(mean - whole)).toBeLessThan((3 * std) / Math.sqrt(400));
  expect(() => run(4)).toThrow(/subsets of 4 rows among 3 and 4/);
});
