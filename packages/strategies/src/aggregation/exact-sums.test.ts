import { createRng } from "@tandem/core/rng";
import { expect, it } from "vitest";
import { addRows, addSum, noSum, valuesOf } from "./exact-sums";

const rng = createRng("exact");
const [items, width, clients] = [5, 3, 40];
const answers = Array.from({ length: clients }, () => ({
  data: Float32Array.from({ length: items * width }, () => 2 * rng.uniform() - 1),
  weights: Float64Array.from({ length: items }, () => rng.uniform() ** 6),
}));
type Answers = typeof answers;
function sumOf(some: Answers) {
  const sum = noSum(items * width);
  for (const { data, weights } of some) addRows(sum, { data, width }, weights);
  return sum;
}

it("is the weighted sum, to 2^-52 for each number that is in it", () => {
  const values = valuesOf(sumOf(answers));
  values.forEach((value, at) => {
    const expected = answers.reduce(
      (sum, { data, weights }) => sum + weights[Math.floor(at / width)] * data[at],
      0,
    );
    expect(Math.abs(value - expected)).toBeLessThan(2 * clients * 2 ** -52);
  });
  const weights = noSum(items);
  for (const answer of answers) addRows(weights, { width: 1 }, answer.weights);
  expect(valuesOf(weights)[0]).toBeCloseTo(
    answers.reduce((sum, answer) => sum + answer.weights[0], 0),
    12,
  );
});

it("in any order and grouping it is the same to the bit", () => {
  const expected = sumOf(answers);
  for (let attempt = 0; attempt < 5; attempt++) {
    const order = Array.from(rng.permutation(clients), (k) => answers[k]);
    const at = 1 + rng.integer(clients - 1);
    const parts = sumOf(order.slice(0, at));
    addSum(parts, sumOf(order.slice(at)));
    expect(parts).toEqual(expected);
  }
});
