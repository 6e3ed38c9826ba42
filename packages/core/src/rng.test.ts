import { describe, expect, it } from "vitest";
import { createRng } from "./rng";

const draws = (count: number, draw: () => number) => Array.from({ length: count }, draw);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const variance = (values: readonly number[]) => {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
};

describe("a random stream", () => {
  it("repeats with its seed, as a number or as text, and differs with another", () => {
    const first = draws(5, createRng(1).uniform);
    expect(draws(5, createRng("1").uniform)).toEqual(first);
    expect(draws(5, createRng(2).uniform)).not.toEqual(first);
  });

  it("is uniform over sixteen bins", () => {
    const bins = new Array(16).fill(0);
    const rng = createRng("uniform");
    for (const value of draws(16_000, rng.uniform)) bins[Math.floor(value * 16)]++;
    // Chi-square with 15 degrees of freedom stays below 44.3 in all but 1 of 10,000 seeds.
    expect(bins.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0)).toBeLessThan(44.3);
  });

  it("draws integers below their bound, each of them", () => {
    const rng = createRng("integer");
    expect(new Set(draws(200, () => rng.integer(5)))).toEqual(new Set([0, 1, 2, 3, 4]));
  });

  it("has normals of mean 0 and variance 1", () => {
    const values = draws(20_000, createRng("normal").normal);
    // Standard errors: 1/sqrt(20000) = 0.0071 and sqrt(2/20000) = 0.01; bounds are four of them.
    expect(Math.abs(mean(values))).toBeLessThan(0.029);
    expect(Math.abs(variance(values) - 1)).toBeLessThan(0.04);
  });

  it.each([0.5, 1, 4])("has gammas of shape %d with that mean and variance", (shape) => {
    const rng = createRng(`gamma ${shape}`);
    const values = draws(20_000, () => rng.gamma(shape));
    expect(Math.min(...values)).toBeGreaterThan(0);
    expect(Math.abs(mean(values) - shape)).toBeLessThan(4 * Math.sqrt(shape / 20_000));
    // Var(s²) ≈ (μ4 - σ⁴)/n with μ4 = 3k² + 6k, so (2k² + 6k)/n.
    const error = Math.sqrt((2 * shape ** 2 + 6 * shape) / 20_000);
    expect(Math.abs(variance(values) - shape)).toBeLessThan(4 * error);
  });

  it("draws every permutation equally often", () => {
    const rng = createRng("permutation");
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const key = rng.permutation(3).join("");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(["012", "021", "102", "120", "201", "210"]);
    // Binomial(6000, 1/6): standard deviation 28.9; four of them.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(116);
  });
});

describe("a fork", () => {
  it("does not advance the stream it comes from", () => {
    const [forked, plain] = [createRng(7), createRng(7)];
    forked.fork("a").uniform();
    expect(forked.uniform()).toBe(plain.uniform());
  });

  it("is named by its key alone, not by when it was made", () => {
    const rng = createRng(7);
    const before = rng.fork("a").uniform();
    rng.uniform();
    expect(rng.fork("a").uniform()).toBe(before);
    expect(rng.fork("b").uniform()).not.toBe(before);
  });

  it.each([
    ["its parent", () => createRng(7)],
    ["its neighbour", () => createRng(7).fork(2)],
  ])("is uncorrelated with %s", (_, other) => {
    const [a, b] = [createRng(7).fork(1), other()];
    const products = draws(10_000, () => (a.uniform() - 0.5) * (b.uniform() - 0.5));
    // The product of two independent centred uniforms has variance 1/144.
    expect(Math.abs(mean(products))).toBeLessThan(4 / 12 / 100);
  });
});
