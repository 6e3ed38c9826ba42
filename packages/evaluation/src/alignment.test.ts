import { createRng } from "@tandem/core/rng";
import { f32 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { meanCosine, rPrecision } from "./alignment";

const identity = f32([3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]);
const keys = ["a", "b", "c"];

it("the mean cosine does not see lengths", () => {
  // 45 degrees, the same way, opposite, and a row of zeros: (0.7071 + 1 - 1 + 0) / 4.
  const left = f32([4, 2], [1, 0, 2, 2, 0, 3, 1, 1]);
  const right = f32([4, 2], [5, 5, 1, 1, 0, -1, 0, 0]);
  expect(meanCosine(left, right)).toBeCloseTo(Math.SQRT1_2 / 4, 6);
  expect(() => meanCosine(left, identity)).toThrow(/do not pair/);
});

it("R-precision is 1 for equal rows, and 0 for an encoder that maps all to one point", () => {
  const options = { keys, rng: createRng(1), distractors: 2 };
  expect(rPrecision(identity, identity, options)).toBe(1);
  const collapsed = f32([3, 1], [1, 1, 1]);
  expect(rPrecision(collapsed, collapsed, options)).toBe(0);
});

it("R-precision falls with the distractors", () => {
  // Scores of the pictures: (.5 .9 .1), (0 1 0), (.1 .2 .3). Only the first can miss, by the second
  // caption: never drawn in half of the draws of one, always among two.
  const pictures = f32([3, 3], [0.5, 0.9, 0.1, 0, 1, 0, 0.1, 0.2, 0.3]);
  const rng = createRng(2);
  const drawn = (distractors: number) =>
    Array.from({ length: 400 }, () => rPrecision(pictures, identity, { keys, rng, distractors }));
  expect(new Set(drawn(2))).toEqual(new Set([2 / 3]));
  const mean = drawn(1).reduce((a, b) => a + b, 0) / 400;
  expect(Math.abs(mean - 5 / 6)).toBeLessThan(0.025); // 3 x (1/3 x 1/2) / sqrt(400)
});

it("equal captions are no distractors, and too few are refused", () => {
  const pictures = f32([3, 3], [0.5, 0.9, 0.1, 0, 1, 0, 0.1, 0.2, 0.3]);
  const options = { keys: ["a", "a", "c"], rng: createRng(3) };
  expect(rPrecision(pictures, identity, { ...options, distractors: 1 })).toBe(1);
  expect(() => rPrecision(pictures, identity, { ...options, distractors: 2 })).toThrow(
    /"a" has 1 distractors, not 2/,
  );
});
