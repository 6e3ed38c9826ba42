import { createRng } from "@tandem/core/rng";
import { f64 } from "@tandem/core/tensor";
import { describe, expect, it } from "vitest";
import { geometricMedian, plainPooling, trimmedMean } from "./robust";
import { poolPredictions } from "./weighted-answers";

const column = (...values: readonly number[]) => values.map((value) => [value]);
const ones = (count: number) => new Array<number>(count).fill(1);
const norm = (row: ArrayLike<number>) => Math.hypot(...Array.from(row));

function expectRow(actual: ArrayLike<number>, expected: readonly number[], digits = 9) {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, j) => {
    expect(actual[j]).toBeCloseTo(value, digits);
  });
}

describe("the trimmed mean", () => {
  it("of five without one at either end: (1 + 2 + 3) / 3", () => {
    expectRow(trimmedMean(column(100, 2, 0, 3, 1), ones(5), 0.2), [2]);
  });

  it("counts a row at the edge in part: (½·0 + 1 + 2 + ½·9) / 3", () => {
    expectRow(trimmedMean(column(0, 1, 2, 9), ones(4), 0.125), [2.5]);
  });

  it("trims weight, not heads: of 3 + 1 a quarter from 10 is all of it", () => {
    expectRow(trimmedMean(column(0, 10), [3, 1], 0.25), [0]);
  });

  it("is the weighted mean at 0, and goes to the median at ½", () => {
    expectRow(trimmedMean(column(0, 4, 20), [2, 1, 1], 0), [6]);
    expectRow(trimmedMean(column(0, 4, 20), ones(3), 0.49), [4]);
  });

  it("takes each coordinate by itself", () => {
    const rows = [
      [0, 9],
      [1, -50],
      [70, 8],
    ];
    expectRow(trimmedMean(rows, ones(3), 1 / 3), [1, 8]);
  });

  it("is the same to the bit in any order, ties of unequal weight included", () => {
    const rng = createRng("order");
    const rows = Array.from({ length: 9 }, (_, k) => [rng.normal(), k % 3, rng.normal()]);
    const weights = rows.map(() => rng.uniform());
    const expected = trimmedMean(rows, weights, 0.23);
    for (let attempt = 0; attempt < 20; attempt++) {
      const order = Array.from(rng.permutation(9));
      const at = <T>(list: readonly T[]) => order.map((k) => list[k]);
      // The total of the weights alone depends on the order: the caller's is by id.
      const shuffled = trimmedMean(at(rows), at(weights), 0.23);
      expectRow(shuffled, [...expected], 12);
      expect(trimmedMean(at(rows), ones(9), 0.23)).toEqual(trimmedMean(rows, ones(9), 0.23));
    }
  });
});

describe("the geometric median", () => {
  it("of numbers is their median", () => {
    expectRow(geometricMedian(column(0, 10, 1), ones(3)), [1], 5);
    expectRow(geometricMedian(column(0, 1, 10), [1, 1, 3]), [10], 5);
  });

  it("of points on a line is the middle one: 2·(1, 2, 2)", () => {
    const rows = [50, 0, 2, 5, 1].map((t) => [t, 2 * t, 2 * t]);
    expectRow(geometricMedian(rows, ones(5)), [2, 4, 4], 4);
  });

  it("of four corners is where the diagonals cross", () => {
    const rows = [
      [-1, 0],
      [3, 0],
      [0, -1],
      [0, 2],
    ];
    expectRow(geometricMedian(rows, ones(4)), [0, 0], 4);
  });

  it("stays by the majority however far three of ten go: ‖v‖ ≤ 2 (1 - ε) / (1 - 2 ε) = 3.5", () => {
    const rng = createRng("far");
    const honest = Array.from({ length: 7 }, () => {
      const row = [rng.normal(), rng.normal(), rng.normal()];
      return row.map((value) => value / norm(row));
    });
    for (const far of [10, 1e3, 1e6]) {
      const rows = [...honest, ...Array.from({ length: 3 }, () => [far, far, far])];
      expect(norm(geometricMedian(rows, ones(10)))).toBeLessThan(3.5);
    }
  });
});

it("where trimming leaves no class, none is likelier", () => {
  const say = (label: number) => ({
    probabilities: f64(
      [1, 3],
      [0, 1, 2].map((c) => Number(c === label)),
    ),
    reliability: [1],
    samples: 1,
    age: 0,
  });
  const pooling = { ...plainPooling, robust: "trimmed-mean", trimShare: 0.4 } as const;
  const { pooled, confidence } = poolPredictions([say(0), say(1), say(2)], 0.5, pooling);
  expectRow(pooled[0], [1 / 3, 1 / 3, 1 / 3]);
  expect(confidence[0]).toBeCloseTo(0); // the three disagree as far as they can
});
