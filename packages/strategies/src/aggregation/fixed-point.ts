import type { Payload } from "@tandem/core/payload";
import {
  type Arrays,
  arrayOf,
  f32,
  f64,
  type TensorData,
  type TensorOf,
} from "@tandem/core/tensor";

// Sums of integers are the same in any order, and below 2^53 they are exact.
const one = 2 ** 16;

/** Values in steps of 2^-16, times a whole weight. */
export const toFixedPoint = ({ shape, data }: TensorData, weight = 1): TensorOf<"f64"> =>
  f64(
    shape,
    Float64Array.from(data, (value) => Math.round(value * one) * weight),
  );

/** A sum of such values divided by the sum of its weights. */
export const fromFixedPoint = ({ shape, data }: TensorData, weights: number): TensorOf<"f32"> =>
  f32(
    shape,
    Float32Array.from(data, (value) => value / (one * weights)),
  );

/** Of the same names and shapes where both have them; f64. */
export function sumArrays(left: Arrays, right: Arrays): Arrays {
  const sum: Record<string, TensorData> = { ...left };
  for (const [name, array] of Object.entries(right)) {
    const a = left[name] && arrayOf(left, name, "f64");
    const b = arrayOf(right, name, "f64");
    sum[name] = a
      ? f64(
          a.shape,
          a.data.map((value, i) => value + b.data[i]),
        )
      : array;
  }
  return sum;
}

/** Sums of such values, with counts of whole numbers as their meta. */
export function mergeSums(left: Payload, right: Payload): Payload {
  const counts: Record<string, number> = { ...(left.meta as Record<string, number>) };
  for (const [name, count] of Object.entries(right.meta as Record<string, number>))
    counts[name] = (counts[name] ?? 0) + count;
  return { arrays: sumArrays(left.arrays, right.arrays), meta: counts };
}
