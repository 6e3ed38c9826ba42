import { TandemError } from "@tandem/core/errors";
import type { Rng } from "@tandem/core/rng";
import { concatenated } from "@tandem/core/tensor";
import {
  compile,
  floats,
  ids,
  type SessionOptions,
  type Values,
  value,
} from "@tandem/graph/onnx-session";
import type { DiffusionModel } from "../diffusion-model";
import { traceDenoiser, traceText } from "../models/graphs";
import { createSource } from "../models/source";
import { guidanceScale, guide } from "../schedulers/guidance";
import { clamp, estimates, mix } from "../schedulers/scheduler";
import { trainingScheduler } from "../schedulers/training";
import { type BatchOptions, drawSamples } from "./batch";

export type ProgressiveOptions = Pick<BatchOptions, "sample" | "batchSize" | "latents"> &
  SessionOptions & {
    /** Steps of the student; each learns to do what `substeps` of the teacher's do. */
    readonly steps: number;
    readonly substeps: number;
    /** Of the teacher's answers: above 1 the student asks once where the teacher asks twice. */
    readonly guidance: number;
  };

type Level = readonly [alpha: number, sigma: number];

/** x_0 and ε from v, then x at another level (arXiv 2010.02502, eq. 12 with η = 0). */
export function ddimStep(
  sample: Float32Array,
  velocity: Float32Array,
  { from, to, clip }: { readonly from: Level; readonly to: Level; readonly clip: number },
): Float32Array {
  const { original, noise } = estimates("v_prediction", { output: velocity, sample }, from);
  return mix(to[0], clamp(original, clip), to[1], noise());
}

/** The v with which one DDIM step leads from `sample` to `end` (arXiv 2202.00512, appendix G). */
export function velocityTo(
  sample: Float32Array,
  end: Float32Array,
  { from, to }: { readonly from: Level; readonly to: Level },
): Float32Array {
  const ratio = to[1] / from[1];
  return sample.map((x, i) => {
    const original = (end[i] - ratio * x) / (to[0] - ratio * from[0]);
    return (from[0] * x - original) / from[1];
  });
}

/**
 * Batches for a student whose one step goes where guided steps of the teacher end (arXiv 2202.00512;
 * guidance built in as in 2210.03142, at one scale). `not-supported` but for v.
 */
export async function createProgressive(teacher: DiffusionModel, options: ProgressiveOptions) {
  const { batchSize, latents, steps, substeps } = options;
  const guidance = guidanceScale(options.guidance);
  const copies = guidance > 1 ? 2 : 1;
  const { tokenizer, configs, weights } = teacher;
  const { scheduler } = trainingScheduler(configs.scheduler);
  const { trainTimesteps, predictionType } = scheduler;
  if (predictionType !== "v_prediction")
    throw new TandemError(
      "not-supported",
      `a model that predicts ${predictionType} cannot be distilled: v_prediction can`,
    );
  if (!Number.isInteger(steps) || steps < 1 || trainTimesteps % steps !== 0)
    throw new TandemError(
      "bad-config",
      `${steps} steps do not divide the model's ${trainTimesteps} timesteps`,
    );
  if (!Number.isInteger(substeps) || substeps < 1)
    throw new TandemError("bad-config", `${substeps} substeps: use a whole number from 1`);
  const clip = configs.scheduler.clip_sample === false ? Number.POSITIVE_INFINITY : 1;
  const shape = { batch: copies * batchSize, length: tokenizer.length, latents };
  const source = createSource();
  const text = traceText(source, teacher.text, shape);
  const session = await compile(
    { output: traceDenoiser(source, teacher.unet, shape, text) },
    options,
  );
  const parameters: Values = Object.fromEntries(
    [...source.specs].map(([name, spec]) => [name, value(weights[name].data, spec.shape)]),
  );
  const stride = latents.reduce((a, b) => a * b);
  const row = (data: Float32Array, i: number) => data.subarray(i * stride, (i + 1) * stride);

  /** The guided v of a batch: nothing and captions are asked together, where both are needed. */
  async function answer(sample: Float32Array, times: Float32Array, captions: readonly string[]) {
    const given = tokenizer.encode(
      copies > 1 ? [...captions.map(() => ""), ...captions] : captions,
    );
    const repeated = (values: Float32Array) =>
      concatenated(Float32Array, Array(copies).fill(values));
    const { output } = await session.run({
      ...parameters,
      ids: ids(given, [shape.batch, shape.length]),
      sample: value(repeated(sample), [shape.batch, ...latents]),
      timestep: value(repeated(times), [shape.batch]),
    });
    const both = floats(output);
    if (copies === 1) return both;
    return guide(both.subarray(0, sample.length), both.subarray(sample.length), guidance);
  }

  return {
    async draw(rng: Rng): Promise<Values> {
      const stretch = trainTimesteps / steps;
      // 1. Noised samples at the student's own timesteps.
      const drawn = drawSamples(rng, { ...options, captionDropout: 0 }, (own) =>
        Float32Array.from(
          { length: batchSize },
          () => trainTimesteps - 1 - own.integer(steps) * stretch,
        ),
      );
      const { captions } = drawn;
      const start = Float32Array.from(drawn.timesteps);
      const level = (t: number): Level => (t < 0 ? [1, 0] : scheduler.alphaSigma(t));
      const noisy = scheduler.addNoise(drawn);
      // 2. The teacher's steps.
      let end = noisy;
      for (let done = 0; done < substeps; done++) {
        const times = start.map((t) => t - (done * stretch) / substeps);
        const velocity = await answer(end, times, captions);
        const rows = Array.from(times, (t, i) =>
          ddimStep(row(end, i), row(velocity, i), {
            from: level(t),
            to: level(t - stretch / substeps),
            clip,
          }),
        );
        end = concatenated(Float32Array, rows);
      }
      // 3. What the student should answer to get there in one.
      const targets = Array.from(start, (t, i) =>
        velocityTo(row(noisy, i), row(end, i), { from: level(t), to: level(t - stretch) }),
      );
      return {
        ids: ids(tokenizer.encode(captions), [batchSize, shape.length]),
        sample: value(noisy, [batchSize, ...latents]),
        target: value(concatenated(Float32Array, targets), [batchSize, ...latents]),
        timestep: value(start, [batchSize]),
        weights: value(Float32Array.from(drawn.weights), [batchSize]),
      };
    },
    close: () => session.release(),
  };
}
