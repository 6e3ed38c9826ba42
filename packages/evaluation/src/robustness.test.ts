import { expect, it } from "vitest";
import { costsOf } from "./robustness";

const bySeed = (...values: number[]) => new Map(values.map((value, i) => [i + 1, value]));

it("the cost of a severity is what each seed loses", () => {
  const sweep = new Map([
    [0, bySeed(0.75, 0.5)],
    [0.2, bySeed(0.5, 0.5)],
    [0.5, bySeed(0.25)],
  ]);
  const [mild, strong] = costsOf(sweep, 0);
  // Losses 0.25 and 0: mean 0.125, std 0.25 / sqrt(2).
  expect(mild.severity).toBe(0.2);
  expect(mild.loss.mean).toBe(0.125);
  expect(mild.loss.std).toBeCloseTo(0.25 / Math.SQRT2, 12);
  expect([strong.severity, strong.loss.count, strong.loss.mean]).toEqual([0.5, 1, 0.5]);
});

it("needs the undisturbed runs, of the same seeds", () => {
  expect(() => costsOf(new Map([[0.2, bySeed(1)]]), 0)).toThrow(/severity 0 is none of 0.2/);
  const apart = new Map([
    [0, bySeed(1)],
    [0.5, new Map([[7, 1]])],
  ]);
  expect(() => costsOf(apart, 0)).toThrow(/no seed in common/);
});
