import { createRng } from "@tandem/core/rng";
import { f32 } from "@tandem/core/tensor";
import { compile, floats, ids, type Values, value } from "@tandem/graph/onnx-session";
import { afterAll, describe, expect, it } from "vitest";
import { traceDenoiser, traceText } from "../models/graphs";
import { createSource } from "../models/source";
import { samplingScheduler } from "../schedulers/sampling";
import { twoColours } from "../testing/two-colours";
import { createProgressive, velocityTo } from "./progressive";

const base = twoColours();
// A fresh model answers zero whatever it is asked.
const rng = createRng("progressive test");
const model = {
  ...base,
  weights: Object.fromEntries(
    Object.entries(base.weights).map(([name, { shape, data }]) => [
      name,
      f32(
        shape,
        data.map((x) => x + rng.normal() / 10),
      ),
    ]),
  ),
};
const latents = [12, 4, 4] as const;
const size = 12 * 4 * 4;
const options = {
  latents,
  batchSize: 3,
  steps: 4,
  substeps: 2,
  guidance: 3,
  sample: (own: typeof rng) => ({
    latents: Float32Array.from({ length: size }, (_, i) => Math.sin(i + own.uniform())),
    caption: "red",
    weight: 0.5,
  }),
};

describe("progressive distillation", () => {
  afterAll(() => session.release());

  it("asks the student for the v whose one DDIM step ends where two guided ones of the teacher do", async () => {
    const progressive = await createProgressive(model, options);
    const batch = await progressive.draw(createRng("draw"));
    await progressive.close();
    const [target, start] = [floats(batch.target), floats(batch.timestep)];
    const { scheduler } = samplingScheduler(model.configs.scheduler);
    const [teachers, students] = [scheduler.setTimesteps(8), scheduler.setTimesteps(4)];
    expect([...floats(batch.weights)]).toEqual([0.5, 0.5, 0.5]);
    expect(new Set(start).size).toBeGreaterThan(1);
    for (const [row, timestep] of start.entries()) {
      const part = (data: Float32Array) => data.slice(row * size, (row + 1) * size);
      let state = { ...teachers, index: teachers.timesteps.indexOf(timestep) };
      let sample: Float32Array = part(floats(batch.sample));
      for (let i = 0; i < 2; i++) {
        const [without, given] = [
          await answer(sample, state.timesteps[state.index], ""),
          await answer(sample, state.timesteps[state.index], "red"),
        ];
        const output = without.map((v, j) => v + 3 * (given[j] - v));
        ({ state, sample } = scheduler.step(state, { output, sample }));
      }
      // The estimate of x_0 may lie outside the range that a sampler clips to: this step does not.
      const [alpha, sigma] = levelAt(timestep);
      const [nextAlpha, nextSigma] = levelAt(timestep - 250);
      const index = students.timesteps.indexOf(timestep);
      expect(index).toBeGreaterThanOrEqual(0);
      const [x, v] = [part(floats(batch.sample)), part(target)];
      const reached = x.map(
        (xi, i) =>
          nextAlpha * (alpha * xi - sigma * v[i]) + nextSigma * (sigma * xi + alpha * v[i]),
      );
      const far = Math.max(...reached.map((value, i) => Math.abs(value - sample[i])));
      expect(far).toBeLessThan(1e-4);
    }
  });

  it.each([
    [3, 3],
    [1, 1],
    [0, 1],
  ])(
    "with as many steps as the teacher asks for its v: guidance %d acts as %d",
    async (guidance, scale) => {
      const free = { ...model.configs.scheduler, clip_sample: false };
      const unclipped = { ...model, configs: { ...model.configs, scheduler: free } };
      const progressive = await createProgressive(unclipped, { ...options, guidance, substeps: 1 });
      const batch = await progressive.draw(createRng("draw"));
      await progressive.close();
      const [sample, timestep] = [floats(batch.sample).slice(0, size), floats(batch.timestep)[0]];
      const [without, given] = [
        await answer(sample, timestep, ""),
        await answer(sample, timestep, "red"),
      ];
      const target = floats(batch.target);
      const far = without.map((v, i) => Math.abs(v + scale * (given[i] - v) - target[i]));
      expect(Math.max(...far)).toBeLessThan(1e-4);
    },
  );

  it("gives back the model's own v where the end is its own step", () => {
    const [from, to] = [[0.6, 0.8] as const, [0.8, 0.6] as const];
    const [x, v] = [Float32Array.of(0.3, -1), Float32Array.of(0.7, 0.2)];
    const end = x.map((xi, i) => 0.8 * (0.6 * xi - 0.8 * v[i]) + 0.6 * (0.8 * xi + 0.6 * v[i]));
    velocityTo(x, end, { from, to }).forEach((value, i) => {
      expect(value).toBeCloseTo(v[i], 5);
    });
  });

  it("refuses what it cannot do, with the reason", async () => {
    const epsilon = {
      ...model,
      configs: {
        ...model.configs,
        scheduler: {
          ...model.configs.scheduler,
          prediction_type: "epsilon",
          rescale_betas_zero_snr: false,
        },
      },
    };
    await expect(createProgressive(epsilon, options)).rejects.toThrow(/predicts epsilon/);
    await expect(createProgressive(model, { ...options, steps: 7 })).rejects.toThrow(/7 steps/);
    await expect(createProgressive(model, { ...options, substeps: 1.5 })).rejects.toThrow(
      /1\.5 sub/,
    );
  });
});

const levelAt = (timestep: number): readonly [number, number] => {
  if (timestep < 0) return [1, 0];
  // Of an x_0 of ones and no noise, and the other way round.
  const { scheduler } = samplingScheduler(model.configs.scheduler);
  const [one, zero] = [Float32Array.of(1), Float32Array.of(0)];
  const at = (sample: Float32Array, noise: Float32Array) =>
    scheduler.addNoise({ sample, noise, timesteps: [timestep] })[0];
  return [at(one, zero), at(zero, one)];
};

const shape = { batch: 1, length: model.tokenizer.length, latents };
const source = createSource();
const text = traceText(source, model.text, shape);
const session = await compile({ output: traceDenoiser(source, model.unet, shape, text) });
const parameters: Values = Object.fromEntries(
  [...source.specs].map(([name, spec]) => [name, value(model.weights[name].data, spec.shape)]),
);

async function answer(sample: Float32Array, timestep: number, caption: string) {
  const { output } = await session.run({
    ...parameters,
    ids: ids(model.tokenizer.encode([caption]), [1, shape.length]),
    sample: value(sample, [1, ...latents]),
    timestep: value(Float32Array.of(timestep), [1]),
  });
  return Float32Array.from(floats(output));
}
