import { readFileSync } from "node:fs";
import { TandemError } from "@tandem/core/errors";
import { createRng } from "@tandem/core/rng";
import { decodeForeign } from "@tandem/protocol/safetensors-stored";
import { describe, expect, it } from "vitest";
import { parsePythonJson } from "../files/python-json";
import { type RecordedRun, schedulerParity } from "./parity";
import { schedulerClasses, schedulerFromConfig } from "./registry";
import { gaussian, mix, type Scheduler } from "./scheduler";

const fixture = new URL("../../fixtures/diffusers/schedulers/", import.meta.url);
const size = 4096;

/** The exact answer to x = α x_0 + σ ε about x_0 drawn from N(mean, spread²), each pixel alone. */
function perfectModel(scheduler: Scheduler, mean: Float32Array, spread: number) {
  return (x: Float32Array, t: number): Float32Array => {
    const [alpha, sigma] = scheduler.alphaSigma(t);
    const gain = (alpha * spread ** 2) / (alpha ** 2 * spread ** 2 + sigma ** 2);
    const x0 = x.map((value, i) => mean[i] + gain * (value - alpha * mean[i]));
    const noise = mix(1 / sigma, x, -alpha / sigma, x0);
    switch (scheduler.predictionType) {
      case "sample":
        return x0;
      case "epsilon":
        return noise;
      case "v_prediction":
        return mix(alpha, noise, -sigma, x0);
      case "flow":
        return mix(1, noise, -1, x0);
    }
  };
}

type Run = { steps: number; seed: number; eta?: number };
function run(
  scheduler: Scheduler,
  model: (x: Float32Array, t: number) => Float32Array,
  { steps, seed, eta = 0 }: Run,
) {
  const rng = createRng(seed);
  let state = scheduler.setTimesteps(steps);
  let sample = gaussian(size, rng).map((value) => value * state.initNoiseSigma) as Float32Array;
  for (const t of state.timesteps) {
    const output = model(scheduler.scaleModelInput(state, sample), t);
    ({ state, sample } = scheduler.step(state, { output, sample, rng, eta }));
  }
  return sample;
}

const distance = (a: Float32Array, b: Float32Array) =>
  Math.sqrt(mix(1, a, -1, b).reduce((sum, d) => sum + d * d, 0) / a.length);
const moments = (x: Float32Array) => {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  return { mean, deviation: Math.sqrt(x.reduce((s, v) => s + (v - mean) ** 2, 0) / x.length) };
};
const data = Float32Array.from({ length: size }, (_, i) => Math.sin(i));

const predictions = ["epsilon", "sample", "v_prediction"];
const flow = (className: string) => className.startsWith("FlowMatch");
const cases = schedulerClasses.flatMap((className) =>
  flow(className)
    ? [{ className, config: { _class_name: className } }]
    : ["linear", "scaled_linear", "squaredcos_cap_v2"].flatMap((beta_schedule) =>
        predictions.map((prediction_type) => ({
          className: `${className} ${beta_schedule} ${prediction_type}`,
          config: { _class_name: className, beta_schedule, prediction_type },
        })),
      ),
);

describe.each(cases)("$className", ({ config }) => {
  const scheduler = schedulerFromConfig(config);

  it.each([1, 2, 4, 10, 25, 50])("has %i descending timesteps", (steps) => {
    const { timesteps, sigmas } = scheduler.setTimesteps(steps);
    expect(timesteps).toHaveLength(steps);
    expect(timesteps).toEqual([...new Set(timesteps)].sort((a, b) => b - a));
    expect(timesteps[0]).toBeLessThanOrEqual(scheduler.trainTimesteps);
    expect(timesteps[steps - 1]).toBeGreaterThanOrEqual(0);
    if (sigmas.length > 0) expect(sigmas).toHaveLength(steps + 1);
  });

  it("lands on the data with a model that knows them", () => {
    const found = run(scheduler, perfectModel(scheduler, data, 0), { steps: 20, seed: 1 });
    expect(distance(found, data)).toBeLessThan(0.02);
  });

  it("gives the same sample for the same seed, and another for another", () => {
    const model = perfectModel(scheduler, data, 0.5);
    const first = run(scheduler, model, { steps: 5, seed: 1 });
    expect(run(scheduler, model, { steps: 5, seed: 1 })).toEqual(first);
    expect(distance(run(scheduler, model, { steps: 5, seed: 2 }), first)).toBeGreaterThan(0.01);
  });

  it("leaves state and arrays as they were", () => {
    const state = scheduler.setTimesteps(3);
    const sample = gaussian(8, createRng(1));
    const output = gaussian(8, createRng(2));
    const before = JSON.stringify([state, [...sample], [...output]]);
    const once = scheduler.step(state, { output, sample, rng: createRng(3) });
    expect(JSON.stringify([state, [...sample], [...output]])).toBe(before);
    expect(scheduler.step(state, { output, sample, rng: createRng(3) })).toEqual(once);
  });

  it("refuses a step after the last", () => {
    const input = { output: data, sample: data, rng: createRng(1) };
    const { state } = scheduler.step(scheduler.setTimesteps(1), input);
    expect(() => scheduler.step(state, input)).toThrow(/taken/);
  });

  it("has almost only noise at the last timestep, almost none at the first", () => {
    const noise = gaussian(size, createRng(1));
    const last = scheduler.trainTimesteps - 1;
    const [alpha, sigma] = scheduler.alphaSigma(last);
    expect(alpha / sigma).toBeLessThan(0.07);
    expect(scheduler.snr(last)).toBeCloseTo((alpha / sigma) ** 2);
    const noisy = scheduler.addNoise({ sample: data, noise, timesteps: [last] });
    const level = moments(noisy).deviation;
    expect(distance(noisy.map((x) => x / level) as Float32Array, noise)).toBeLessThan(0.1);
    const clean = scheduler.addNoise({ sample: data, noise, timesteps: [0] });
    expect(distance(clean, data)).toBeLessThan(0.05);
  });

  it("asks the model for the target: it leads back to the sample", () => {
    const noise = gaussian(size, createRng(1));
    const state = scheduler.setTimesteps(4);
    const timesteps = [state.timesteps[0]];
    const output = scheduler.target({ sample: data, noise, timesteps });
    const sample = scheduler.addNoise({ sample: data, noise, timesteps });
    const { original } = scheduler.step(state, { output, sample, rng: createRng(2) });
    expect(distance(original, data)).toBeLessThan(0.02);
  });

  it.each([0, -1, 1.5, 1e9, Number.NaN])("refuses %d steps", (steps) => {
    expect(() => scheduler.setTimesteps(steps)).toThrow(TandemError);
  });
});

it.each([
  ["DDPMScheduler", { steps: 100 }],
  ["DDIMScheduler", { steps: 100 }],
  ["DDIMScheduler", { steps: 100, eta: 1 }],
  ["DPMSolverMultistepScheduler", { steps: 100 }],
  ["EulerDiscreteScheduler", { steps: 100 }],
  ["FlowMatchEulerDiscreteScheduler", { steps: 100 }],
])("%s samples a Gaussian from its exact score, %o", (className, how) => {
  // mean 0.3 and deviation 0.2: 4,096 pixels give them to 0.003; clipping is out of reach
  const config = flow(className) ? {} : { beta_schedule: "scaled_linear" };
  const scheduler = schedulerFromConfig(config, { className });
  const model = perfectModel(scheduler, new Float32Array(size).fill(0.3), 0.2);
  const { mean, deviation } = moments(run(scheduler, model, { seed: 1, ...how }));
  expect(Math.abs(mean - 0.3)).toBeLessThan(0.015);
  expect(Math.abs(deviation - 0.2)).toBeLessThan(0.02);
});

it("repeats what diffusers recorded to 1e-5", () => {
  const meta = parsePythonJson(readFileSync(new URL("meta.json", fixture), "utf8"), "meta.json");
  const arrays = decodeForeign(readFileSync(new URL("io.safetensors", fixture)));
  const errors = schedulerParity(meta as Record<string, RecordedRun>, arrays);
  expect(errors).toHaveLength(17);
  for (const { name, error } of errors) expect(error, name).toBeLessThan(1e-5);
});

it.each(["linspace", "trailing", "leading"])(
  "DDPM steps to the next timestep there is, whatever the spacing: %s",
  (timestep_spacing) => {
    const scheduler = schedulerFromConfig({
      _class_name: "DDPMScheduler",
      prediction_type: "sample",
      clip_sample: false,
      timestep_spacing,
    });
    // between 1000 / 7 and 999 / 6 is 23 timesteps
    let state = scheduler.setTimesteps(7);
    const barAt = (t: number | undefined) =>
      t === undefined ? 1 : scheduler.alphaSigma(t)[0] ** 2;
    for (const [i, t] of state.timesteps.entries()) {
      const [bar, next] = [barAt(t), barAt(state.timesteps[i + 1])];
      // equation 7 at x_0 = 1, x_t = 0, in the mean of the noise
      const mean = (Math.sqrt(next) * (1 - bar / next)) / (1 - bar);
      const output = new Float32Array(size).fill(1);
      const result = scheduler.step(state, {
        output,
        sample: new Float32Array(size),
        rng: createRng(t),
      });
      const deviation = Math.sqrt(((1 - next) / (1 - bar)) * (1 - bar / next));
      const found = moments(result.sample);
      expect(Math.abs(found.mean - mean)).toBeLessThan((4 * deviation) / Math.sqrt(size) + 1e-6);
      expect(Math.abs(found.deviation - deviation)).toBeLessThan(0.05 * deviation + 1e-6);
      state = result.state;
    }
  },
);

it("Euler's method has a timestep even where one is trained", () => {
  const scheduler = schedulerFromConfig({
    _class_name: "EulerDiscreteScheduler",
    num_train_timesteps: 1,
    use_karras_sigmas: true,
  });
  expect(scheduler.setTimesteps(1).timesteps).toEqual([0]);
});

describe("numbers that are none end sampling, with the step", () => {
  const scheduler = schedulerFromConfig({ _class_name: "DDIMScheduler", clip_sample: false });
  const after = (value: number) => {
    const sample = new Float32Array(4).fill(0.5);
    const { state } = scheduler.step(scheduler.setTimesteps(4), { output: sample, sample });
    return () => scheduler.step(state, { output: Float32Array.of(0, value, 0, 0), sample });
  };

  it.each([
    [Number.NaN, /model's answer at step 2 of 4 \(timestep 500\): value 1 of 4 is NaN/],
    // a number, but √(1/ᾱ - 1) times as much is none
    [3.4e38, /sample after step 2 of 4 \(timestep 500\): value 1 of 4 is/],
  ])("%d", (value, reason) => {
    expect(after(value)).toThrow(reason);
  });
});

describe("scheduler configs", () => {
  it("of Stable Diffusion 2.1 are read with the fields of other classes in them", () => {
    const config = {
      _class_name: "DDIMScheduler",
      _diffusers_version: "0.8.0",
      beta_schedule: "scaled_linear",
      prediction_type: "v_prediction",
      skip_prk_steps: true,
      steps_offset: 1,
      trained_betas: null,
    };
    expect(schedulerFromConfig(config).setTimesteps(2).timesteps).toEqual([501, 1]);
    const other = schedulerFromConfig(config, { className: "EulerDiscreteScheduler" });
    expect(other.predictionType).toBe("v_prediction");
  });

  it.each([
    ["_class_name", "PNDMScheduler", {}],
    ["thresholding", true, { _class_name: "DDIMScheduler" }],
    ["beta_schedule", "sigmoid", { _class_name: "DDPMScheduler" }],
    ["variance_type", "learned", { _class_name: "DDPMScheduler" }],
    ["algorithm_type", "sampler++", { _class_name: "DPMSolverMultistepScheduler" }],
    ["variance_type", "learned_range", { _class_name: "DPMSolverMultistepScheduler" }],
    ["use_dynamic_shifting", true, { _class_name: "FlowMatchEulerDiscreteScheduler" }],
    ["num_train_timesteps", "many", { _class_name: "LCMScheduler" }],
    ["beta_start", -1, { _class_name: "LCMScheduler" }],
  ])("with %s = %j are refused with both", (field, value, rest) => {
    const text = `${field} = ${JSON.stringify(value)}`;
    expect(() => schedulerFromConfig({ ...rest, [field]: value })).toThrow(text);
  });

  it("with zero terminal SNR start from pure noise, and then need v or x_0", () => {
    const config = { _class_name: "DDIMScheduler", rescale_betas_zero_snr: true };
    const scheduler = schedulerFromConfig({ ...config, prediction_type: "v_prediction" });
    expect(scheduler.alphaSigma(999)).toEqual([0, 1]);
    // the first ᾱ is kept: 1 - 0.0001
    expect(scheduler.alphaSigma(0)[0] ** 2).toBeCloseTo(0.9999, 10);
    expect(() => schedulerFromConfig(config)).toThrow(/rescale_betas_zero_snr/);
  });

  it.each(["DDIMScheduler", "DPMSolverMultistepScheduler", "EulerDiscreteScheduler"])(
    "with zero terminal SNR and trailing timesteps sample finite numbers: %s",
    (_class_name) => {
      const scheduler = schedulerFromConfig({
        _class_name,
        rescale_betas_zero_snr: true,
        prediction_type: "v_prediction",
        timestep_spacing: "trailing",
      });
      const found = run(scheduler, perfectModel(scheduler, data, 0), { steps: 10, seed: 1 });
      expect(distance(found, data)).toBeLessThan(0.05);
    },
  );

  it("are read with Python's infinities, and refused when they nest without end", () => {
    const text = '{"a": -Infinity, "b": [NaN, "Infinity \\" NaN"], "c": Infinity}';
    expect(parsePythonJson(text, "x")).toEqual({
      a: Number.NEGATIVE_INFINITY,
      b: [null, 'Infinity " NaN'],
      c: Number.POSITIVE_INFINITY,
    });
    expect(() => parsePythonJson("[".repeat(10_000), "x")).toThrow(/nested/);
    expect(() => parsePythonJson("{", "x.json")).toThrow(/x.json is not JSON/);
  });
});
