import type { Rng } from "@tandem/core/rng";
import { type TensorOf, takeRows } from "@tandem/core/tensor";
import { summarise } from "./clients";

/**
 * Kernel distance (Bińkowski et al. 2018, arXiv 1801.01401): mean and deviation of the unbiased MMD²
 * over random `subsets` of `size` rows each, at most 1,000 by default. May be below zero.
 */
export function kernelDistance(
  left: TensorOf<"f32">,
  right: TensorOf<"f32">,
  options: { readonly rng: Rng; readonly subsets?: number; readonly size?: number },
): { readonly mean: number; readonly std: number } {
  const most = Math.min(left.shape[0], right.shape[0]);
  const { rng, subsets = 50, size = Math.min(1000, most) } = options;
  if (!(size >= 2 && size <= most))
    throw new Error(`no subsets of ${size} rows among ${left.shape[0]} and ${right.shape[0]}`);
  const part = (set: TensorOf<"f32">) =>
    takeRows(set, rng.permutation(set.shape[0]).subarray(0, size));
  return summarise(
    Array.from({ length: subsets }, () => squaredDiscrepancy(part(left), part(right))),
  );
}

/** Unbiased MMD² with the kernel (x·y / d + 1)³ between rows (N, d) and (M, d), at least 2 each. */
export function squaredDiscrepancy(left: TensorOf<"f32">, right: TensorOf<"f32">): number {
  const within = (set: TensorOf<"f32">) => {
    const [count] = set.shape;
    let sum = 0;
    for (let i = 0; i < count; i++) for (let j = 0; j < i; j++) sum += 2 * kernel(set, i, set, j);
    return sum / (count * (count - 1));
  };
  const [rows, columns] = [left.shape[0], right.shape[0]];
  let between = 0;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) between += kernel(left, i, right, j);
  return within(left) + within(right) - (2 * between) / (rows * columns);
}

function kernel(a: TensorOf<"f32">, i: number, b: TensorOf<"f32">, j: number): number {
  const width = a.shape[1];
  let dot = 0;
  for (let x = 0; x < width; x++) dot += a.data[i * width + x] * b.data[j * width + x];
  return (dot / width + 1) ** 3;
}
