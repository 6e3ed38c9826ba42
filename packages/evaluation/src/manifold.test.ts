import { createRng } from "@tandem/core/rng";
import { f32 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { densityCoverage, precisionRecall } from "./manifold";

const line = (...values: number[]) => f32([values.length, 1], values);

it("a set has precision and recall 1 against itself", () => {
  expect(precisionRecall(line(0, 1, 5), line(0, 1, 5), 1)).toEqual({ precision: 1, recall: 1 });
});

it("samples of one mode are precise and cover one mode", () => {
  // Balls of the real features, k = 1: [-1, 1], [0, 2], [9, 11], [10, 12]; all of 0.4 and 0.5 inside.
  // Balls of the generated ones: radius 0.1 around 0.4 and 0.5; none of 0, 1, 10, 11 inside.
  const real = line(0, 1, 10, 11);
  expect(precisionRecall(real, line(0.4, 0.5), 1)).toEqual({ precision: 1, recall: 0 });
  // Radius 1 around 0.5 and 1.5 reaches 0 and 1.
  expect(precisionRecall(real, line(0.5, 1.5), 1)).toEqual({ precision: 1, recall: 0.5 });
});

it("samples off the data are not precise", () => {
  // Of 0.5, 5 and 6 one is inside; balls of radius 4.5, 1, 1 reach 0 and 1, not 10 and 11.
  expect(precisionRecall(line(0, 1, 10, 11), line(0.5, 5, 6), 1)).toEqual({
    precision: 1 / 3,
    recall: 0.5,
  });
});

it("a larger k makes larger balls", () => {
  // Radii of 0, 1, 3 are 3, 2, 3 for k = 2, up to 6 from 3; 1, 1, 2 for k = 1, up to 5.
  expect(precisionRecall(line(0, 1, 3), line(5.5, 5.5, 5.5), 2).precision).toBe(1);
  expect(precisionRecall(line(0, 1, 3), line(5.5, 5.5, 5.5), 1).precision).toBe(0);
});

it("needs more features than neighbours", () => {
  expect(() => precisionRecall(line(0, 1), line(0, 1), 2)).toThrow(/2-th nearest/);
});

it("density counts the balls that a sample lies in, coverage the balls that hold one", () => {
  // Balls of the real features, k = 1: [-1, 1], [0, 2], [9, 11], [10, 12]; three samples at 0.5 lie
  // in two of them each, 5 in none: 6 / (1 x 4) and 2 / 4.
  expect(densityCoverage(line(0, 1, 10, 11), line(0.5, 0.5, 0.5, 5), 1)).toEqual({
    density: 1.5,
    coverage: 0.5,
  });
  // k = 2: [-3, 3], [-1, 3], [0, 6]; 4 lies in one: 1 / (2 x 1) and 1 / 3.
  expect(densityCoverage(line(0, 1, 3), line(4), 2)).toEqual({ density: 0.5, coverage: 1 / 3 });
});

it("one outlier among the real features spoils precision; density and coverage show it", () => {
  // k = 2: the ball of 100 reaches down to 0.75, the others hardly move: 50 lies in one of them.
  const real = line(0, 0.25, 0.5, 0.75, 1, 100);
  expect(precisionRecall(real, line(50, 50, 50), 2).precision).toBe(1);
  expect(densityCoverage(real, line(50, 50, 50), 2)).toEqual({ density: 0.5, coverage: 1 / 6 });
});

it("two draws of one law have density 1 and the coverage published for them", () => {
  // Naeem et al., lemma 2: 1 - (N-1)...(N-k) / ((2N-1)...(2N-k)), whatever the law; for k = 5 and
  // N = 10,000 they give 0.969. Here N = 400, mean of 8 draws: standard error 0.003.
  const expected = (n: number, k: number) =>
    Array.from({ length: k }, (_, i) => (n - 1 - i) / (2 * n - 1 - i)).reduce((a, b) => a * b, 1);
  expect(1 - expected(10_000, 5)).toBeCloseTo(0.969, 3);
  const rng = createRng(1);
  const draw = () =>
    f32(
      [400, 2],
      Float32Array.from({ length: 800 }, () => rng.normal()),
    );
  const scores = Array.from({ length: 8 }, () => densityCoverage(draw(), draw(), 5));
  const mean = (of: "density" | "coverage") => scores.reduce((sum, s) => sum + s[of], 0) / 8;
  expect(Math.abs(mean("coverage") - (1 - expected(400, 5)))).toBeLessThan(0.01);
  expect(Math.abs(mean("density") - 1)).toBeLessThan(0.05);
});
