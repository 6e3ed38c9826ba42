import { f32 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { memorisation, nearestDistances } from "./distances";

const line = (...values: number[]) => f32([values.length, 1], values);

it("the nearest distance is Euclidean", () => {
  // (0, 0) to (3, 4) is 5, to (6, 8) is 10; (6, 9) to (6, 8) is 1.
  const set = f32([2, 2], [3, 4, 6, 8]);
  expect([...nearestDistances(f32([2, 2], [0, 0, 6, 9]), set)]).toEqual([5, 1]);
  expect(() => nearestDistances(line(0), line())).toThrow(/no row/);
});

it("copies are nearer to what was seen than unseen pictures are", () => {
  const [seen, unseen] = [line(0, 10, 20), line(2, 13, 24)]; // unseen at 2, 3, 4
  // At 0, 1, 2, 5: two below 2, the nearest of the unseen.
  expect(memorisation(line(0, 11, 18, 25), { seen, unseen })).toEqual({
    median: 1.5,
    medianUnseen: 3,
    copied: 0.5,
  });
});

it("one in a hundred real pictures is as near as a copy", () => {
  const unseen = line(...Array.from({ length: 200 }, (_, i) => i + 1));
  // 1 and 2 of 1 to 200 are nearer than the third.
  expect(memorisation(unseen, { seen: line(0), unseen }).copied).toBe(0.01);
});
