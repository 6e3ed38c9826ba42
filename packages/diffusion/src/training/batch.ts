import type { Rng } from "@tandem/core/rng";
import { ids, type Values, value } from "@tandem/graph/onnx-session";
import type { NoisyBatch, Scheduler } from "../schedulers/scheduler";
import type { PromptTokenizer } from "../tokenizers/prompt-tokenizer";

export type TrainingSample = {
  /** (C, h, w), as the U-Net sees them. */
  readonly latents: Float32Array;
  readonly caption: string;
  readonly weight: number;
};

export type BatchOptions = {
  readonly sample: (rng: Rng) => TrainingSample;
  readonly batchSize: number;
  readonly latents: readonly [channels: number, height: number, width: number];
  readonly tokenizer: PromptTokenizer;
  readonly scheduler: Scheduler;
  /** Share of captions left out, so that guidance has something to steer away from. */
  readonly captionDropout: number;
  /** γ of min-SNR weighting; without it every timestep weighs the same. */
  readonly minSnrGamma?: number | undefined;
  /** Weight of ||ε - ε_base||². */
  readonly nearBase: number;
};

export type DrawnSamples = NoisyBatch & {
  /** "" where a caption was left out. */
  readonly captions: readonly string[];
  readonly weights: readonly number[];
};

/** Samples of a batch, with noise and the timesteps that `timestepsOf` draws. */
export function drawSamples(
  rng: Rng,
  options: Pick<BatchOptions, "sample" | "batchSize" | "latents" | "captionDropout">,
  timestepsOf: (rng: Rng) => Float32Array,
): DrawnSamples {
  const { batchSize, latents } = options;
  const samples = Array.from({ length: batchSize }, () => options.sample(rng));
  const stride = latents.reduce((a, b) => a * b, 1);
  const sample = new Float32Array(batchSize * stride);
  samples.forEach((own, i) => {
    if (own.latents.length !== stride)
      throw new Error(`latents of ${own.latents.length} values, not [${latents}]`);
    sample.set(own.latents, i * stride);
  });
  const captions = samples.map(({ caption }) =>
    rng.uniform() < options.captionDropout ? "" : caption,
  );
  const timesteps = timestepsOf(rng);
  const noise = Float32Array.from(sample, () => rng.normal());
  return { sample, noise, timesteps, captions, weights: samples.map(({ weight }) => weight) };
}

/** Noised samples with what the model should answer. */
export function drawBatch(rng: Rng, options: BatchOptions): Values {
  const { batchSize, latents, tokenizer, scheduler, minSnrGamma } = options;
  // One timestep from each of B equal stretches: less variance than independent ones.
  const drawn = drawSamples(rng, options, (own) =>
    Float32Array.from({ length: batchSize }, (_, i) =>
      Math.floor(((i + own.uniform()) / batchSize) * scheduler.trainTimesteps),
    ),
  );
  const { timesteps, captions, weights } = drawn;
  const shape = [batchSize, ...latents];
  const each = (of: (i: number) => number) =>
    value(
      Float32Array.from(weights, (_, i) => of(i)),
      [batchSize],
    );
  return {
    ids: ids(tokenizer.encode(captions), [batchSize, tokenizer.length]),
    sample: value(scheduler.addNoise(drawn), shape),
    target: value(scheduler.target(drawn), shape),
    timestep: each((i) => timesteps[i]),
    weights: each((i) => weights[i] * snrWeight(scheduler, timesteps[i], minSnrGamma)),
    ...(options.nearBase > 0 && {
      nearness: each((i) => options.nearBase * noiseShare(scheduler, timesteps[i])),
    }),
  };
}

/** min(SNR, γ) as a weight of the loss in x_0, told in terms of the prediction (arXiv 2303.09556). */
export function snrWeight(
  { predictionType, snr }: Pick<Scheduler, "predictionType" | "snr">,
  timestep: number,
  gamma: number | undefined,
): number {
  if (gamma === undefined) return 1;
  const ratio = snr(timestep);
  switch (predictionType) {
    case "epsilon":
      return Math.min(1, gamma / ratio);
    case "v_prediction":
      return Math.min(ratio, gamma) / (ratio + 1);
    case "sample":
      return Math.min(ratio, gamma);
    case "flow":
      return 1;
  }
}

/** The factor from a squared difference of predictions to one of ε. */
function noiseShare({ predictionType, alphaSigma }: Scheduler, timestep: number): number {
  const [alpha, sigma] = alphaSigma(timestep);
  switch (predictionType) {
    case "epsilon":
      return 1;
    case "v_prediction":
    case "flow":
      return alpha ** 2; // ε = α v + σ x_t; in flow matching ε = x_t + α v
    case "sample":
      return (alpha / sigma) ** 2;
  }
}
