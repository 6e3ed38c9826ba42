import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { schedulerFromConfig } from "./registry";
import type { Scheduler } from "./scheduler";

const fixture = "../../fixtures/interop/schedulers/heun-karras.scheduler_config.json";
const heunKarras = JSON.parse(readFileSync(new URL(fixture, import.meta.url), "utf8"));

const [mean, spread] = [0.3, 0.2];
const start = Float32Array.of(-1.5, -0.2, 0, 0.9, 2);

/** The noise of x = α x_0 + σ ε about x_0 from N(mean, spread²), known exactly. */
function noiseIn(scheduler: Scheduler, x: Float32Array, sigma: number): Float32Array {
  const alpha = 1 / Math.hypot(1, sigma);
  const gain = (alpha * spread ** 2) / (alpha ** 2 * spread ** 2 + (alpha * sigma) ** 2);
  expect(scheduler.predictionType).toBe("epsilon");
  return x.map((value) => {
    const original = mean + gain * (value - alpha * mean);
    return (value - alpha * original) / (alpha * sigma);
  });
}

/** Along the exact ODE x / α - m shrinks as √(s² + σ²). */
const along = (x: number, from: number, to: number) =>
  (mean + (x * Math.hypot(1, from) - mean) * (Math.hypot(spread, to) / Math.hypot(spread, from))) /
  Math.hypot(1, to);
/** The mean of x_0 given x. */
const originalAt = (x: number, sigma: number) =>
  mean + (spread ** 2 / (spread ** 2 + sigma ** 2)) * (x * Math.hypot(1, sigma) - mean);

/** Largest distance from where the exact ODE leads from the same noise. */
function errorOf(config: object, steps: number): number {
  const scheduler = schedulerFromConfig({ ...heunKarras, ...config });
  let state = scheduler.setTimesteps(steps);
  const { sigmas } = state;
  let sample: Float32Array = start;
  while (state.index < steps) {
    const output = noiseIn(scheduler, sample, sigmas[state.index]);
    ({ state, sample } = scheduler.step(state, { output, sample }));
  }
  const errors = start.map((x, i) => {
    // a step to no noise ends in the mean of x_0
    const before = sigmas[steps - 1];
    const exact =
      sigmas[steps] > 0
        ? along(x, sigmas[0], sigmas[steps])
        : originalAt(along(x, sigmas[0], before), before);
    return Math.abs(sample[i] - exact);
  });
  return Math.max(...errors); // NaN stays NaN
}

describe("DPM-Solver with Heun's correction on Karras' levels", () => {
  const allSteps = Array.from({ length: 50 }, (_, i) => i + 1);
  const endings = [{}, { final_sigmas_type: "sigma_min" }, { lower_order_final: false }];
  it.each([...endings, { final_sigmas_type: "sigma_min", lower_order_final: false }])(
    "ends in numbers in 1 to 50 steps, nearer to the closed form in more: %j",
    (ending) => {
      const errors = allSteps.map((steps) => errorOf(ending, steps));
      expect(errors.every(Number.isFinite), String(errors)).toBe(true);
      expect(errors[49]).toBeLessThan(0.002);
      expect(errors[49]).toBeLessThan(errors[19] / 3);
    },
  );

  it.each([1, 2])("a step that goes by %i exact estimates errs by their order", (order) => {
    const scheduler = schedulerFromConfig({ ...heunKarras, solver_order: order });
    // from σ = 0.3 to 0.3 e^-h
    const error = (h: number) => {
      const sigmas = [2, 1, 0, -1, -2].map((i) => 0.3 * Math.exp(i * h));
      const x = sigmas.map((sigma) => along(1.2, sigmas[0], sigma));
      const history = [Float32Array.of(originalAt(x[1], sigmas[1]))];
      const sample = Float32Array.of(x[2]);
      const found = scheduler.step(
        {
          timesteps: [4, 3, 2, 1],
          sigmas,
          initNoiseSigma: 1,
          index: 2,
          history: history.slice(0, order - 1),
        },
        { output: noiseIn(scheduler, sample, sigmas[2]), sample },
      );
      return Math.abs(found.sample[0] - x[3]);
    };
    // half the step, 2^(order + 1) times less
    expect(Math.log2(error(0.2) / error(0.1))).toBeGreaterThan(order + 0.6);
    expect(Math.log2(error(0.2) / error(0.1))).toBeLessThan(order + 1.4);
  });

  it("of order 3 goes by three estimates as diffusers weighs them", () => {
    const config = { ...heunKarras, prediction_type: "sample", solver_order: 3 };
    const scheduler = schedulerFromConfig(config);
    // λ = 0, 1, 2, 3: all steps are 1. Estimates 0, 0, 1: D1 = 1 + ½, D2 = ½, and
    // x' = α' ((1 - 1/e) + 1.5/e - (1/e - ½) / 2) = 1.25 α'
    const state = {
      timesteps: [4, 3, 2, 1],
      sigmas: [0, 1, 2, 3, 4].map((lambda) => Math.exp(-lambda)),
      initNoiseSigma: 1,
      index: 2,
      history: [Float32Array.of(0), Float32Array.of(0)],
    };
    const input = { output: Float32Array.of(1), sample: Float32Array.of(0) };
    // two steps before the end of fewer than 15 it is of order 2 yet
    expect(scheduler.step(state, input).sample[0]).not.toBeCloseTo(
      1.25 / Math.hypot(1, Math.exp(-3)),
    );
    const long = schedulerFromConfig({ ...config, lower_order_final: false });
    const { sample, state: next } = long.step(state, input);
    expect(sample[0]).toBeCloseTo(1.25 / Math.hypot(1, Math.exp(-3)), 6);
    expect(next.history.map(([value]) => value)).toEqual([1, 0]);
  });

  it("by default ends at no noise, in the estimate of x_0", () => {
    const scheduler = schedulerFromConfig(heunKarras);
    const { sigmas } = scheduler.setTimesteps(1);
    expect(sigmas[1]).toBe(0);
    const input = { output: Float32Array.of(0.5), sample: Float32Array.of(2) };
    const { sample, original } = scheduler.step(scheduler.setTimesteps(1), input);
    expect(sample).toEqual(original);
    // (x - σ ε) / α with σ/α of the level
    const [alpha, sigma] = [1 / Math.hypot(1, sigmas[0]), sigmas[0] / Math.hypot(1, sigmas[0])];
    expect(sample[0]).toBeCloseTo((2 - sigma * 0.5) / alpha, 4);
  });
});

describe("DPM-Solver's timesteps", () => {
  const cosine = { _class_name: "DPMSolverMultistepScheduler", beta_schedule: "squaredcos_cap_v2" };

  it("trailing, of which the largest are left out, keep their stride: they are fewer", () => {
    // λ = -5.1 is passed by the last few of the cosine's timesteps
    const config = { ...cosine, timestep_spacing: "trailing", lambda_min_clipped: -5.1 };
    const scheduler = schedulerFromConfig(config);
    const usable = Array.from({ length: 1000 }, (_, t) => scheduler.snr(t)).filter(
      (snr) => Math.log(snr) / 2 >= -5.1,
    ).length;
    expect(usable).toBeGreaterThan(980);
    expect(usable).toBeLessThan(1000);
    const { timesteps, sigmas } = scheduler.setTimesteps(100);
    expect(timesteps).toHaveLength(Math.ceil(usable / 10));
    expect(timesteps.slice(0, 2)).toEqual([usable - 1, usable - 11]);
    expect(timesteps.every((timestep) => timestep >= 0)).toBe(true);
    expect(sigmas).toHaveLength(timesteps.length + 1);
    for (let steps = 1; steps < 600; steps++)
      expect(Math.min(...scheduler.setTimesteps(steps).timesteps)).toBeGreaterThanOrEqual(0);
  });

  it("leading with an offset pass no trained one", () => {
    const config = { ...cosine, timestep_spacing: "leading", steps_offset: 1 };
    const scheduler = schedulerFromConfig(config);
    expect(scheduler.setTimesteps(499).timesteps[0]).toBe(999);
    const message = "steps_offset = 1 with 999 steps passes timestep 999: take fewer steps";
    expect(() => scheduler.setTimesteps(999)).toThrow(message);
  });

  it("at Karras' levels are rounded, but of the cosine cut to whole numbers, as diffusers", () => {
    const karras = { use_karras_sigmas: true };
    const [cut, rounded] = [cosine, heunKarras].map((config) => {
      const scheduler = schedulerFromConfig({ ...config, ...karras });
      const { timesteps, sigmas } = scheduler.setTimesteps(20);
      const sigmaAt = (t: number) => scheduler.snr(t) ** -0.5;
      return timesteps.map((t, i) => ({ t, after: sigmas[i] >= sigmaAt(t) * (1 - 1e-9) }));
    });
    // no level lies before its timestep, where it is cut
    expect(cut.every(({ t, after }) => Number.isInteger(t) && after)).toBe(true);
    expect(rounded.every(({ t }) => Number.isInteger(t))).toBe(true);
    expect(rounded.some(({ after }) => !after)).toBe(true);
  });
});
