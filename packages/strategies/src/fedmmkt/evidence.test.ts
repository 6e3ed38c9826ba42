import { createRng } from "@tandem/core/rng";
import { expect, it } from "vitest";
import { argMax } from "../aggregation/weighted-answers";
import { withPrompts } from "./evidence";

it("one picture: the posterior and the trust in its prompt agree with each other", () => {
  const { rows, trust } = withPrompts([Float64Array.of(0.2, 0.8)], [0]);
  // Each follows from the other.
  const [t] = trust;
  expect(t).toBeCloseTo((1 + rows[0][0]) / 3, 4);
  expect(rows[0][0]).toBeCloseTo((0.2 * t) / (0.2 * t + 0.8 * (1 - t)), 3);
  expect(trust[1]).toBe(0.5); // no picture of it: as at the start
});

it("clients that know nothing leave the prompt as likely as at the start", () => {
  const { rows, trust } = withPrompts(
    Array(4).fill(Float64Array.of(0.25, 0.25, 0.25, 0.25)),
    [0, 0, 1, 1],
  );
  expect(trust[0]).toBeCloseTo(0.5);
  expect([...rows[0]]).toEqual([0.5, 1 / 6, 1 / 6, 1 / 6].map((p) => expect.closeTo(p, 6)));
});

it("finds how often prompts are obeyed, and is right more often than prompt and clients alone", () => {
  const rng = createRng("evidence");
  const [classes, count] = [5, 2000];
  const other = (c: number) => (c + 1 + rng.integer(classes - 1)) % classes;
  const truth = Array.from({ length: count }, () => rng.integer(classes));
  const labels = truth.map((c) => (rng.uniform() < 0.7 ? c : other(c)));
  // Clients that are right in 6 of 10 pictures, and say 0.6.
  const seen = truth.map((c) => (rng.uniform() < 0.6 ? c : other(c)));
  const pooled = seen.map((c) =>
    Float64Array.from({ length: classes }, (_, k) => (k === c ? 0.6 : 0.1)),
  );
  const { rows, trust } = withPrompts(pooled, labels);
  for (const t of trust) expect(Math.abs(t - 0.7)).toBeLessThan(0.1);
  const share = (said: readonly number[]) => said.filter((c, i) => c === truth[i]).length / count;
  expect(share(rows.map(argMax))).toBeGreaterThanOrEqual(share(labels));
  expect(share(rows.map(argMax))).toBeGreaterThan(share(seen) + 0.05);
});

it("a class that the clients rule out stays ruled out, and rows stay distributions", () => {
  const { rows } = withPrompts([Float64Array.of(0, 1), Float64Array.of(0, 0.5)], [0, 0]);
  expect(rows.map((row) => [...row])).toEqual([
    [0, 1],
    [0, 1],
  ]);
});
