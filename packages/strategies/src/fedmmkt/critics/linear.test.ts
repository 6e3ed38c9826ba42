import { createRng } from "@tandem/core/rng";
import { expect, it } from "vitest";
import { cholesky, type Linear, type Rows, ridgeLogistic, ridgeRegression } from "./linear";

const rng = createRng("linear");
const [count, width] = [60, 5];
const x = Float64Array.from({ length: count * width }, () => rng.normal());
const truth = [1, -2, 0.5, 0, 3];
const scoreOf = ({ weights, bias }: Linear, row: number) =>
  weights.reduce((sum, w, j) => sum + w * x[row * width + j], bias);
const importances = Array.from({ length: count }, () => 0.5 + rng.uniform());
const rows = (targets: readonly number[]): Rows => ({ x, targets, importances, width });
const linear = Array.from({ length: count }, (_, row) =>
  scoreOf({ weights: Float64Array.from(truth), bias: 0.7 }, row),
);

it("factors a positive definite matrix", () => {
  const lower = cholesky(Float64Array.of(4, 2, 2, 3), 2);
  expect([...lower]).toEqual([2, 0, 1, Math.sqrt(2)]);
});

it("regression finds the line through exact targets, and less of it the larger the penalty", () => {
  const exact = ridgeRegression(rows(linear), 1e-9);
  truth.forEach((w, j) => {
    expect(exact.weights[j]).toBeCloseTo(w, 6);
  });
  expect(exact.bias).toBeCloseTo(0.7, 6);
  expect(Math.abs(ridgeRegression(rows(linear), 1e6).weights[4])).toBeLessThan(1e-3);
});

it("logistic regression is where the gradient vanishes, also where the classes can be told apart", () => {
  const noisy = linear.map((score) => Number(score + 2 * rng.normal() > 0));
  const apart = linear.map((score) => Number(score > 0));
  for (const targets of [noisy, apart])
    for (const penalty of [0.01, 1, 100]) {
      const fit = ridgeLogistic(rows(targets), penalty);
      const slopes = targets.map(
        (t, row) => importances[row] * (1 / (1 + Math.exp(-scoreOf(fit, row))) - t),
      );
      expect(slopes.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 3);
      for (let j = 0; j < width; j++) {
        const sum = slopes.reduce((a, slope, row) => a + slope * x[row * width + j], 0);
        expect(sum + penalty * fit.weights[j]).toBeCloseTo(0, 3);
      }
    }
});

it("of rows of one kind the bias alone says so, and stays finite", () => {
  const { weights, bias } = ridgeLogistic(rows(Array(count).fill(1)), 1);
  expect(bias).toBeGreaterThan(2);
  expect([...weights, bias].every(Number.isFinite)).toBe(true);
});
