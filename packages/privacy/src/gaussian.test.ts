import { createRng } from "@tandem/core/rng";
import { f32 } from "@tandem/core/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addGaussianNoise, clipToNorm, globalNorm } from "./gaussian";

describe("clipping", () => {
  it("scales all arrays by one factor: (3, 4) and (12) have norm 13", () => {
    const arrays = { a: f32([2], [3, 4]), b: f32([1], [12]) };
    expect(globalNorm(arrays)).toBe(13);
    const { a, b } = clipToNorm(arrays, 6.5);
    expect([...a.data, ...b.data]).toEqual([1.5, 2, 6].map((v) => expect.closeTo(v, 5)));
  });

  it("leaves what is within the bound as it is", () => {
    const arrays = { a: f32([2], [3, 4]) };
    expect(clipToNorm(arrays, 5)).toBe(arrays);
  });

  it("never leaves a norm above the bound, rounding included", () => {
    const values = fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 10, noNaN: true }), (data, bound) => {
        const clipped = clipToNorm({ a: f32([data.length], data) }, bound);
        expect(globalNorm(clipped)).toBeLessThanOrEqual(bound);
      }),
    );
  });

  it("refuses what no factor can bound", () => {
    expect(() => clipToNorm({ a: f32([1], [Number.NaN]) }, 1)).toThrow(/NaN/);
    expect(() => clipToNorm({ a: f32([1], [Number.POSITIVE_INFINITY]) }, 1)).toThrow(/Infinity/);
    expect(() => clipToNorm({ a: f32([1], [1]) }, 0)).toThrow(/bound is 0/);
  });
});

describe("Gaussian noise", () => {
  const noisy = (seed: number, names = ["a", "b"]) =>
    addGaussianNoise(Object.fromEntries(names.map((name) => [name, f32([3], [1, 2, 3])])), {
      bound: 2,
      noiseMultiplier: 1.5,
      rng: createRng(seed),
    });

  it("repeats with its seed whatever the order of the arrays, and differs between arrays", () => {
    expect(noisy(1)).toEqual(noisy(1, ["b", "a"]));
    expect(noisy(1)).not.toEqual(noisy(2));
    expect(noisy(1).a).not.toEqual(noisy(1).b);
  });

  it("has the deviation noise multiplier x bound, around the value", () => {
    const count = 20_000;
    const options = { bound: 2, noiseMultiplier: 1.5, rng: createRng(3) };
    const { a } = addGaussianNoise({ a: f32([count], new Float32Array(count).fill(5)) }, options);
    const mean = a.data.reduce((sum, v) => sum + v, 0) / count;
    const deviation = Math.sqrt(a.data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / count);
    // Four standard errors of deviation 3: 3/sqrt(20000) = 0.021 and 3/sqrt(40000) = 0.015.
    expect(Math.abs(mean - 5)).toBeLessThan(0.085);
    expect(Math.abs(deviation - 3)).toBeLessThan(0.06);
  });
});
