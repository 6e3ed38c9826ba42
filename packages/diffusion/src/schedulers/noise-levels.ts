import { TandemError } from "@tandem/core/errors";
import { choice, type Field, flag, integer, number, only, type ValuesOf } from "./fields";

const trainedBetas: Field<readonly number[] | null> = {
  fallback: null,
  accepts: (value) =>
    value === null ||
    (Array.isArray(value) &&
      value.every((beta) => typeof beta === "number" && beta > 0 && beta < 1)),
  wanted: "null or a list of numbers between 0 and 1",
};

/** What all diffusion schedulers on a table of betas read from their config. */
export const noiseFields = {
  num_train_timesteps: integer(1000, 1, 100_000),
  beta_start: number(0.0001, 1e-9, 0.999),
  beta_end: number(0.02, 1e-9, 0.999),
  beta_schedule: choice("linear", "scaled_linear", "squaredcos_cap_v2"),
  trained_betas: trainedBetas,
  prediction_type: choice("epsilon", "sample", "v_prediction"),
  rescale_betas_zero_snr: flag(false),
};
export type NoiseConfig = ValuesOf<typeof noiseFields>;

/** Dynamic thresholding (arXiv 2205.11487), of the classes that have it. */
export const thresholdingFields = {
  thresholding: only(false),
  dynamic_thresholding_ratio: number(0.995, 0, 1),
  sample_max_value: number(1, 0, Number.MAX_VALUE),
};

/** `count` numbers from `first` to `last`, both included. */
export const linspace = (first: number, last: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) =>
    count === 1 ? first : first + ((last - first) * i) / (count - 1),
  );

function betasOf(config: NoiseConfig): readonly number[] {
  const { num_train_timesteps: count, beta_start: start, beta_end: end } = config;
  if (config.trained_betas) {
    if (config.trained_betas.length !== count)
      throw new TandemError(
        "bad-config",
        `trained_betas: ${config.trained_betas.length} values for num_train_timesteps = ${count}`,
      );
    return config.trained_betas;
  }
  switch (config.beta_schedule) {
    case "linear":
      return linspace(start, end, count);
    case "scaled_linear":
      return linspace(Math.sqrt(start), Math.sqrt(end), count).map((root) => root * root);
    case "squaredcos_cap_v2": {
      // arXiv 2102.09672, with the cap at 0.999
      const bar = (t: number) => Math.cos((((t + 0.008) / 1.008) * Math.PI) / 2) ** 2;
      return Array.from({ length: count }, (_, i) =>
        Math.min(1 - bar((i + 1) / count) / bar(i / count), 0.999),
      );
    }
  }
}

/**
 * ᾱ_t for t = 0 … T - 1. With `rescale_betas_zero_snr` the last one is `floor` instead of 0
 * (arXiv 2305.08891, algorithm 1); schedulers that divide by √ᾱ give a floor above 0.
 */
export function alphasCumprod(config: NoiseConfig, floor = 0): Float64Array {
  let product = 1;
  const bars = Float64Array.from(betasOf(config), (beta) => {
    product *= 1 - beta;
    return product;
  });
  if (!config.rescale_betas_zero_snr) return bars;
  if (config.prediction_type === "epsilon")
    throw new TandemError(
      "bad-config",
      'rescale_betas_zero_snr = true needs prediction_type "v_prediction" or "sample": ' +
        "at zero signal the noise says nothing about the picture",
    );
  const [first, last] = [Math.sqrt(bars[0]), Math.sqrt(bars[bars.length - 1])];
  const rescaled = bars.map((bar) => (((Math.sqrt(bar) - last) * first) / (first - last)) ** 2);
  rescaled[rescaled.length - 1] = floor;
  return rescaled;
}

/** σ_t = √((1 - ᾱ_t) / ᾱ_t), the noise level in variance-exploding coordinates. */
export const sigmasOf = (bars: Float64Array): Float64Array =>
  bars.map((bar) => Math.sqrt((1 - bar) / bar));

/** Linear interpolation in a table at 0, 1, 2 …; beyond its ends the end values. */
export function interpolate(table: ArrayLike<number>, at: number): number {
  const low = Math.max(0, Math.min(table.length - 1, Math.floor(at)));
  const high = Math.min(table.length - 1, low + 1);
  const share = Math.max(0, Math.min(1, at - low));
  return table[low] * (1 - share) + table[high] * share;
}
