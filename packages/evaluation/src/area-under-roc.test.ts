import { expect, it } from "vitest";
import { areaUnderRoc } from "./area-under-roc";

it.each([
  ["apart", [3, 4], [1, 2], 1],
  ["the wrong way round", [1, 2], [3, 4], 0],
  ["mixed: 1 above 0 alone, 3 above all", [1, 3], [0, 2], 0.75],
  ["a tie counts half", [1, 2], [1, 1, 0], (0.5 + 0.5 + 1 + 3) / 6],
  ["all alike", [4, 4, 4], [4], 0.5],
  [
    "infinite scores, tied and not",
    [Number.POSITIVE_INFINITY],
    [Number.POSITIVE_INFINITY, 0],
    0.75,
  ],
])("%s", (_, positives, negatives, expected) => {
  expect(areaUnderRoc(positives, negatives)).toBeCloseTo(expected, 12);
});

it("refuses what has no curve", () => {
  expect(() => areaUnderRoc([], [1])).toThrow("both kinds");
  expect(() => areaUnderRoc([1], [])).toThrow("both kinds");
  expect(() => areaUnderRoc([Number.NaN], [1])).toThrow("no number");
  expect(() => areaUnderRoc([1], [Number.NaN])).toThrow("no number");
});
