import type { Rng } from "@tandem/core/rng";

export type Interval = { readonly difference: number; readonly low: number; readonly high: number };

/**
 * Percentile bootstrap of the mean of `left[i] - right[i]`: pairs (clients, seeds, test items) are
 * drawn again with replacement (Efron & Tibshirani 1993, chapter 13).
 */
export function pairedBootstrap(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  options: { readonly rng: Rng; readonly resamples?: number; readonly confidence?: number },
): Interval {
  const { rng, resamples = 10_000, confidence = 0.95 } = options;
  if (left.length !== right.length || left.length === 0)
    throw new Error(`${left.length} and ${right.length} values do not pair`);
  const differences = Float64Array.from(left, (value, i) => value - right[i]);
  const count = differences.length;
  const means = Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += differences[rng.integer(count)];
    return sum / count;
  }).sort();
  const at = (share: number) => means[Math.round(share * (resamples - 1))];
  return {
    difference: differences.reduce((a, b) => a + b, 0) / count,
    low: at((1 - confidence) / 2),
    high: at((1 + confidence) / 2),
  };
}
