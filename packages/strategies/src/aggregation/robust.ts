import { unreachable } from "@tandem/core/errors";
import type { Rows } from "./rows";

/** How what K clients say of an item becomes one row. */
export type Pooling = {
  readonly robust: "weighted" | "mean" | "trimmed-mean" | "geometric-median";
  /** Share of the weight that the trimmed mean leaves out on each side, below ½. */
  readonly trimShare: number;
};

export const plainPooling: Pooling = { robust: "weighted", trimShare: 0 };

/** The centre of rows (K, D) under weights (K,) of a positive sum, by the rule: (D,). */
export function centreOf(
  rows: Rows,
  weights: readonly number[],
  { robust, trimShare }: Pooling,
): Float64Array {
  switch (robust) {
    case "weighted":
    case "mean":
      return weightedMean(rows, weights);
    case "trimmed-mean":
      return trimmedMean(rows, weights, trimShare);
    case "geometric-median":
      return geometricMedian(rows, weights);
    default:
      return unreachable(robust);
  }
}

/**
 * In each coordinate the mean of what is left when `share` of the weight has gone from either end; a
 * row at the edge counts in part. With equal weights it is Yin et al.'s (arXiv 1803.01498).
 */
export function trimmedMean(rows: Rows, weights: readonly number[], share: number): Float64Array {
  const total = rows.reduce((sum, _, k) => sum + weights[k], 0);
  const [from, to] = [share * total, (1 - share) * total];
  return Float64Array.from({ length: rows[0].length }, (_, j) => {
    const sorted = rows
      .map((row, k) => ({ value: row[j], weight: weights[k] }))
      .sort((a, b) => a.value - b.value || a.weight - b.weight);
    let [before, sum, kept] = [0, 0, 0];
    for (const { value, weight } of sorted) {
      const part = Math.max(0, Math.min(before + weight, to) - Math.max(before, from));
      sum += part * value;
      kept += part;
      before += weight;
    }
    return sum / kept;
  });
}

/**
 * argmin_v Σ w_k ‖v - row_k‖ by Weiszfeld's steps from the weighted mean, with distances of at least
 * `smoothing` (RFA, arXiv 1912.13445). Ends when a step moves less than that, or after `steps`.
 */
export function geometricMedian(
  rows: Rows,
  weights: readonly number[],
  { steps = 100, smoothing = 1e-6 } = {},
): Float64Array {
  let centre = weightedMean(rows, weights);
  for (let step = 0; step < steps; step++) {
    const pulls = rows.map((row, k) => weights[k] / Math.max(smoothing, distance(row, centre)));
    const next = weightedMean(rows, pulls);
    const moved = distance(next, centre);
    centre = next;
    if (moved < smoothing) break;
  }
  return centre;
}

function weightedMean(rows: Rows, weights: readonly number[]): Float64Array {
  const mean = new Float64Array(rows[0].length);
  let total = 0;
  rows.forEach((row, k) => {
    for (let j = 0; j < mean.length; j++) mean[j] += weights[k] * row[j];
    total += weights[k];
  });
  return mean.map((value) => value / total);
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] - b[j]) ** 2;
  return Math.sqrt(sum);
}
