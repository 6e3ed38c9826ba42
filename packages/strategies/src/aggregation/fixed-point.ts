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
export function toFixedPoint({ shape, data }: TensorData, weight = 1): TensorOf<"f64"> {
  const scaled = new Float64Array(data.length); // `from` with a function takes ten times as long
  for (let i = 0; i < data.length; i++) scaled[i] = Math.round(data[i] * one) * weight;
  return f64(shape, scaled);
}

/** A sum of such values divided by the sum of its weights. */
export function fromFixedPoint({ shape, data }: TensorData, weights: number): TensorOf<"f32"> {
  const values = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) values[i] = data[i] / (one * weights);
  return f32(shape, values);
}

/** Of the same names and shapes where both have them; f64. */
export function sumArrays(left: Arrays, right: Arrays): Arrays {
  const sum: Record<string, TensorData> = { ...left };
  for (const name of Object.keys(right)) {
    const b = arrayOf(right, name, "f64");
    sum[name] = left[name] ? added(arrayOf(left, name, "f64"), b) : b;
  }
  return sum;
}

function added({ shape, data: a }: TensorOf<"f64">, { data: b }: TensorOf<"f64">): TensorOf<"f64"> {
  const sum = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) sum[i] = a[i] + b[i];
  return f64(shape, sum);
}

/** Sums of such values, with counts of whole numbers as their meta. */
export function mergeSums(left: Payload, right: Payload): Payload {
  const counts: Record<string, number> = { ...(left.meta as Record<string, number>) };
  for (const [name, count] of Object.entries(right.meta as Record<string, number>))
    counts[name] = (counts[name] ?? 0) + count;
  return { arrays: sumArrays(left.arrays, right.arrays), meta: counts };
}
