import { describe, expect, it } from "vitest";
import { epsilonOf, renyiOfStep } from "./accountant";

describe("a step of the sampled Gaussian mechanism", () => {
  it.each([2, 7, 64])("costs α / 2σ² at order %d when every sample is in it", (order) => {
    const step = { samplingRate: 1, noiseMultiplier: 1.5 };
    expect(renyiOfStep(step, order)).toBeCloseTo(order / 4.5, 12);
    // The limit of the sum: q -> 1 leaves only its last term, (α² - α) / 2σ² / (α - 1).
    const almost = { ...step, samplingRate: 1 - 1e-12 };
    expect(renyiOfStep(almost, order)).toBeCloseTo(order / 4.5, 6);
  });

  it("costs log(1 + q² (e^(1/σ²) - 1)) at order 2", () => {
    // k = 0, 1, 2: (1 - q)² + 2 q (1 - q) + q² e^(1/σ²) = 1 + q² (e^(1/σ²) - 1).
    const [q, sigma] = [0.1, 2];
    const expected = Math.log(1 + q * q * Math.expm1(1 / sigma ** 2));
    expect(renyiOfStep({ samplingRate: q, noiseMultiplier: sigma }, 2)).toBeCloseTo(expected, 14);
  });

  it("stays finite at high orders with little noise", () => {
    expect(renyiOfStep({ samplingRate: 0.5, noiseMultiplier: 0.3 }, 512)).toBeLessThan(1e5);
  });
});

describe("epsilon at delta 1e-5", () => {
  const spent = (samples: number, steps: number, noiseMultiplier: number) =>
    epsilonOf({ samplingRate: 32 / samples, noiseMultiplier }, { steps, delta: 1e-5 }).epsilon;

  it.each([
    [600, 570, 1.0, 9.5],
    [600, 570, 1.5, 4.8],
    [600, 570, 2.0, 3.2],
    [2625, 2460, 1.0, 4.0],
  ])("of %d samples in batches of 32, %d steps, σ %d is %d", (samples, steps, sigma, epsilon) => {
    expect(spent(samples, steps, sigma)).toBeCloseTo(epsilon, 1); // within 0.05
  });

  it("grows with steps and sampling, shrinks with noise, and is 0 without a step", () => {
    expect(spent(600, 570, 1)).toBeGreaterThan(spent(600, 100, 1));
    expect(spent(600, 570, 1)).toBeGreaterThan(spent(1200, 570, 1));
    expect(spent(600, 570, 1)).toBeGreaterThan(spent(600, 570, 1.1));
    expect(spent(600, 0, 1)).toBe(0);
  });

  it("of one full-batch step is the conversion of α / 2σ² at the best order", () => {
    const sigma = 4;
    const at = (a: number) =>
      a / (2 * sigma ** 2) + Math.log((a - 1) / a) - Math.log(1e-5 * a) / (a - 1);
    const best = Math.min(...Array.from({ length: 511 }, (_, i) => at(i + 2)));
    const step = { samplingRate: 1, noiseMultiplier: sigma };
    expect(epsilonOf(step, { steps: 1, delta: 1e-5 }).epsilon).toBeCloseTo(best, 12);
  });

  it("is refused for what is no probability, no noise and no order", () => {
    const budget = { steps: 1, delta: 1e-5 };
    expect(() => epsilonOf({ samplingRate: 0, noiseMultiplier: 1 }, budget)).toThrow(/rate is 0/);
    expect(() => epsilonOf({ samplingRate: 1, noiseMultiplier: 0 }, budget)).toThrow(/is 0/);
    const step = { samplingRate: 1, noiseMultiplier: 1 };
    expect(() => epsilonOf(step, { steps: 1, delta: 1 })).toThrow(/Delta is 1/);
    expect(() => epsilonOf(step, { ...budget, orders: [] })).toThrow(/No order/);
    expect(() => epsilonOf(step, { ...budget, orders: [1.5] })).toThrow(/order is 1.5/);
  });
});
