import { f32 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import {
  accuracy,
  agreedRows,
  balancedAccuracy,
  predictedShares,
  predictionsOf,
} from "./predictions";

const logits = f32([3, 2], [0.1, 0.9, 0.8, 0.2, Number.NaN, 1]);

it("predicts the largest logit, and nothing where one is no number", () => {
  expect([...predictionsOf(logits)]).toEqual([1, 0, -1]);
  expect(accuracy(logits, [1, 1, 1])).toBe(1 / 3);
});

it("shares are of all rows, and a row that holds no number is nobody's", () => {
  expect(predictedShares(logits, ["noto", "twemoji"])).toEqual({ noto: 1 / 3, twemoji: 1 / 3 });
});

it("balanced accuracy weighs classes alike, however many rows they have", () => {
  // Class 0: 4 of 4. Class 1: 0 of 1. Class 2: 1 of 2. Plain accuracy would be 5/7.
  expect(balancedAccuracy([0, 0, 0, 0, 0, 2, 1], [0, 0, 0, 0, 1, 2, 2])).toBe(0.5);
  expect(() => balancedAccuracy([0], [0, 1])).toThrow(/do not pair/);
});

it("judges agree on the rows whose label all of them see", () => {
  const other = f32([3, 2], [0, 1, 0, 1, 0, 1]);
  expect([...agreedRows([logits, other], [1, 0, 1])]).toEqual([0]);
  expect([...agreedRows([other], [1, 0, 1])]).toEqual([0, 2]);
});
