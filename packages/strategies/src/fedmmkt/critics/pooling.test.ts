import { expect, it } from "vitest";
import { type CriticAnswer, importancesOf, pooledImportances } from "./pooling";

const labels = [0, 0, 0, 0, 1, 1, 1, 1];
const answer = (ratios: readonly number[], more: Partial<CriticAnswer> = {}): CriticAnswer => ({
  id: "a",
  ratios,
  held: [1, 1],
  age: 0,
  ...more,
});
const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

it("a client's importances have the mean 1 over what it speaks of, whatever it answers", () => {
  const honest = importancesOf(answer([4, 1, -2, -4, 0, 0, 1, -1]), labels);
  expect(sum(honest) / 8).toBeCloseTo(1, 12);
  expect(honest[0] / honest[1]).toBeCloseTo(Math.exp(3), 9);
  expect([...importancesOf(answer(Array(8).fill(4)), labels)]).toEqual(Array(8).fill(1));
  const one = importancesOf(answer([1, 0, 0, 0, 4, 4, 4, 4], { held: [1, 0] }), labels);
  expect(sum(one.subarray(0, 4)) / 4).toBeCloseTo(1, 12);
});

it("one picture in many counts for twenty at most", () => {
  const many = Array(100).fill(0);
  const ratios = many.map((_, i) => (i === 7 ? 4 : -4));
  expect(Math.max(...importancesOf(answer(ratios, { held: [1] }), many))).toBe(20);
});

it("pools over those who speak, and is neutral for clients where nobody does", () => {
  const { importances, likeness } = pooledImportances(
    [
      answer([2, 0, 0, 0, 0, 0, 0, 0], { held: [1, 0] }),
      answer([0, 2, 0, 0, 9, 9, 9, 9], { held: [1, 0] }),
    ],
    labels,
  );
  expect(importances[0]).toBeCloseTo(importances[1], 6);
  expect([...importances.subarray(4)]).toEqual([0, 0, 0, 0]);
  expect([...likeness.subarray(4)]).toEqual([1, 1, 1, 1]);
  expect(likeness[0]).toBe(1);
  expect(likeness[3]).toBeCloseTo(importances[3], 6);
});

it("of clients of two domains it is the ratio to their mixture, where a mean of r finds neither", () => {
  // A quarter of the pictures is of the first domain, a quarter of the second, the rest of none.
  const first = [1, 0, 0, 0, 1, 0, 0, 0];
  const second = [0, 1, 0, 0, 0, 1, 0, 0];
  const ratios = (own: readonly number[]) => own.map((is) => (is ? Math.log(4) : -4));
  const { importances } = pooledImportances(
    [answer(ratios(first)), answer(ratios(second))],
    labels,
  );
  for (const i of [0, 1, 4, 5]) expect(importances[i]).toBeGreaterThan(1.8);
  for (const i of [2, 3, 6, 7]) expect(importances[i]).toBeLessThan(0.1);
});

it("three liars in ten who answer ±4 the other way round have three tenths of the say", () => {
  const honest = answer([4, -4, -4, -4, 4, -4, -4, -4]);
  const liar = answer([-4, 4, 4, 4, -4, 4, 4, 4]);
  const { importances } = pooledImportances(
    [...Array(7).fill(honest), ...Array(3).fill(liar)],
    labels,
  );
  const right = (importances[0] + importances[4]) / sum(importances);
  expect(right).toBeGreaterThan(0.69);
});

it("late answers count less", () => {
  const [now, late] = [answer([4, -4, -4, -4, 0, 0, 0, 0]), answer([-4, 4, -4, -4, 0, 0, 0, 0])];
  const { importances } = pooledImportances([now, { ...late, age: 2 }], labels);
  expect(importances[1] / importances[0]).toBeCloseTo(Math.exp(-1), 2);
});
