import { describe, expect, it } from "vitest";
import {
  describeSample,
  differenceOfMeans,
  pairedDifferences,
  sampleOf,
  sampleOfDifferences,
  studentQuantile,
} from "./statistics";

describe("Student's quantile", () => {
  it("is the closed form for one and two degrees of freedom", () => {
    for (const confidence of [0.5, 0.9, 0.95, 0.99]) {
      // 1: F(t) = 1/2 + atan(t) / pi. 2: F(t) = 1/2 + t / (2 sqrt(2 + t^2)).
      expect(studentQuantile(confidence, 1)).toBeCloseTo(Math.tan((Math.PI * confidence) / 2), 9);
      const two = confidence * Math.sqrt(2 / (1 - confidence ** 2));
      expect(studentQuantile(confidence, 2)).toBeCloseTo(two, 9);
    }
  });

  it("is the table's for more, and nears the normal law's", () => {
    const table = { 3: 3.182446, 4: 2.776445, 5: 2.570582, 9: 2.262157, 30: 2.042272 };
    for (const [freedom, t] of Object.entries(table))
      expect(studentQuantile(0.95, Number(freedom))).toBeCloseTo(t, 6);
    expect(studentQuantile(0.95, 100_000)).toBeCloseTo(1.95996, 4);
  });

  it("is refused for what is no share or no degree", () => {
    for (const [confidence, freedom] of [
      [1, 2],
      [0, 2],
      [0.95, 0],
      [0.95, 1.5],
    ])
      expect(() => studentQuantile(confidence, freedom)).toThrow(/no quantile/);
  });
});

describe("a sample", () => {
  it("has mean, deviation and interval", () => {
    // Squares 4 + 0 + 4 over 2: std 2; half width 4.302653 x 2 / sqrt(3) = 4.968275.
    const { count, mean, std, interval } = describeSample([2, 4, 6]);
    expect([count, mean, std]).toEqual([3, 4, 2]);
    expect(interval?.[0]).toBeCloseTo(4 - 4.968275, 5);
    expect(interval?.[1]).toBeCloseTo(4 + 4.968275, 5);
  });

  it("of one value has no spread, and of none is refused", () => {
    expect(describeSample([0.5])).toEqual({
      count: 1,
      mean: 0.5,
      std: undefined,
      interval: undefined,
    });
    expect(() => describeSample([])).toThrow(/no value/);
  });
});

it("differences pair by key and leave out who has no partner", () => {
  const left = new Map([
    [1, 0.5],
    [2, 0.75],
    [3, 1],
  ]);
  const right = new Map([
    [3, 0.25],
    [1, 0.25],
  ]);
  expect(pairedDifferences(left, right)).toEqual([0.25, 0.75]);
});

it("a sample of differences is of the keys that both have, and none where there is none", () => {
  const [left, right] = [
    new Map([
      [1, 0.5],
      [2, 0.75],
      [3, 9],
    ]),
    new Map([
      [2, 0.5],
      [1, 0.25],
    ]),
  ];
  expect(sampleOfDifferences(left, right)).toEqual(describeSample([0.25, 0.25]));
  expect(sampleOfDifferences(left, new Map([[4, 1]]))).toBeUndefined();
  expect(sampleOf(left)).toEqual(describeSample([0.5, 0.75, 9]));
  expect(sampleOf(new Map())).toBeUndefined();
});

it("means that do not pair differ with Welch's interval", () => {
  const [left, right] = [describeSample([1, 2, 3, 4]), describeSample([2, 4, 6])];
  const { mean, interval } = differenceOfMeans(left, right);
  // 1.6667/4 + 4/3 = 1.75; degrees 1.75^2 / (0.41667^2/3 + 1.33333^2/2) = 3.23, so t of 3: 3.182446.
  expect(mean).toBe(-1.5);
  expect(interval?.[0]).toBeCloseTo(-1.5 - 3.182446 * Math.sqrt(1.75), 5);
  expect(interval?.[1]).toBeCloseTo(-1.5 + 3.182446 * Math.sqrt(1.75), 5);
  expect(differenceOfMeans(left, describeSample([9]))).toEqual({ mean: -6.5, interval: undefined });
  const [same, other] = [describeSample([2, 2]), describeSample([1, 1])];
  expect(differenceOfMeans(same, other)).toEqual({ mean: 1, interval: [1, 1] });
});
