import { TandemError } from "@tandem/core/errors";
import type { Rng } from "@tandem/core/rng";
import { type Arrays, f32, type TensorOf } from "@tandem/core/tensor";
import type { Tokenizer } from "@tandem/core/tokenizer";
import { compile, floats, type Values, value } from "@tandem/graph/session";
import {
  captionValues,
  noisedValues,
  parameterValues,
  toPlanes,
  traceTrainingStep,
} from "./denoiser";
import { initialise } from "./parameters";
import type { ModelConfig } from "./unet";

export type TrainingSample = {
  /** (h, w, 3). */
  readonly image: Uint8Array;
  readonly caption: string;
  readonly weight: number;
};

export type TrainingOptions = {
  readonly config: ModelConfig;
  /** Present values; a trained parameter that is missing is initialised from `rng`. */
  readonly weights: Arrays;
  readonly loraRank: number;
  readonly trained: (name: string) => boolean;
  readonly tokenizer: Tokenizer;
  readonly sample: (rng: Rng) => TrainingSample;
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: (step: number) => number;
  readonly rng: Rng;
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  /** Asked before each step: true ends the run early with what it has. */
  readonly stop?: (() => boolean) | undefined;
  /** Called after each step; the values of `trained` are a view of the present ones. */
  readonly onStep?: (step: number, loss: number, trained: () => Arrays) => void;
};

/** The one training loop of the teacher: base and LoRA alike. Returns the trained parameters. */
export async function trainDenoiser(
  options: TrainingOptions,
): Promise<{ readonly trained: Arrays; readonly losses: readonly number[] }> {
  const { config, tokenizer, batchSize: batch, rng, signal, loraRank } = options;
  const { parameters, outputs } = traceTrainingStep(config, { ...options, batch, loraRank });
  const step = await compile(outputs, { threads: options.threads });
  try {
    const { specs } = parameters;
    const initial = initialise(specs, rng.fork("initial"), (name) => !(name in options.weights));
    const known = Object.fromEntries(
      [...specs.keys()].map((name) => [name, options.weights[name] ?? initial[name]]),
    );
    let values: Record<string, Values[string]> = { ...parameterValues(known) };
    const names = [...specs.keys()].filter(options.trained);
    for (const name of names) {
      const { shape } = known[name];
      values[`m:${name}`] = value(new Float32Array(known[name].data.length), shape);
      values[`v:${name}`] = value(new Float32Array(known[name].data.length), shape);
    }
    const trained = () =>
      Object.fromEntries(names.map((name) => [name, f32(known[name].shape, floats(values[name]))]));
    const losses: number[] = [];
    const one = (number: number) => value(Float32Array.of(number), []);
    for (let t = 1; t <= options.steps; t++) {
      if (signal?.aborted) throw new TandemError("cancelled", "training was cancelled");
      if (options.stop?.()) break;
      const samples = Array.from({ length: batch }, () => options.sample(rng));
      const results = await step.run({
        ...values,
        ...batchValues(samples, config.sampleSize, tokenizer, rng),
        learningRate: one(options.learningRate(t)),
        correction1: one(1 - 0.9 ** t),
        correction2: one(1 - 0.999 ** t),
      });
      const loss = floats(results.loss)[0];
      if (!Number.isFinite(loss)) throw new Error(`loss is ${loss} at step ${t}`);
      const updates = Object.entries(results).filter(([name]) => name.startsWith("next:"));
      values = { ...values, ...Object.fromEntries(updates.map(([name, v]) => [name.slice(5), v])) };
      losses.push(loss);
      options.onStep?.(t, loss, trained);
    }
    return { trained: trained(), losses };
  } finally {
    await step.release();
  }
}

function batchValues(
  samples: readonly TrainingSample[],
  side: number,
  tokenizer: Tokenizer,
  rng: Rng,
): Values {
  const count = samples.length;
  const data = new Uint8Array(count * side * side * 3);
  samples.forEach(({ image }, i) => {
    data.set(image, i * image.length);
  });
  const images: TensorOf<"u8"> = { dtype: "u8", shape: [count, side, side, 3], data };
  // One caption in ten is left out, so that guidance has something to steer away from.
  const captions = samples.map(({ caption }) => (rng.uniform() < 0.1 ? "" : caption));
  return {
    ...noisedValues(toPlanes(images), [count, 3, side, side], rng),
    ...captionValues(captions, tokenizer),
    weights: value(
      Float32Array.from(samples, ({ weight }) => weight),
      [count],
    ),
  };
}
