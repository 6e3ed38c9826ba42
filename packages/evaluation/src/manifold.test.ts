import { f32 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { precisionRecall } from "./manifold";

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
