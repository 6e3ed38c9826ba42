import { f64, type TensorOf } from "@tandem/core/tensor";

/**
 * Sums of numbers of about 1 at most, in whole steps of 2^-52, which in any order and grouping are the same
 * to the bit: (2, …), high and low parts, exact for up to 2^22 numbers.
 */
export type ExactSum = TensorOf<"f64">;

const high = 2 ** 20;
const low = 2 ** 32;

export const noSum = (size: number): ExactSum => f64([2, size], new Float64Array(2 * size));

/** Adds weights[i] times each value of row i: (N, w) or, with w = 1, weights alone. */
export function addRows(
  { data: sum }: ExactSum,
  { data, width }: { readonly data?: ArrayLike<number>; readonly width: number },
  weights: ArrayLike<number>,
): void {
  const half = sum.length / 2;
  for (let i = 0, at = 0; i < weights.length; i++) {
    const weight = weights[i];
    for (const end = at + width; at < end; at++) {
      const scaled = (data ? weight * data[at] : weight) * high;
      const whole = Math.round(scaled);
      sum[at] += whole;
      sum[half + at] += Math.round((scaled - whole) * low);
    }
  }
}

export function addSum({ data: sum }: ExactSum, { data }: ExactSum): void {
  for (let at = 0; at < sum.length; at++) sum[at] += data[at];
}

export function valuesOf({ data }: ExactSum): Float64Array {
  const half = data.length / 2;
  return Float64Array.from({ length: half }, (_, at) => (data[at] + data[half + at] / low) / high);
}
