import type { TensorOf } from "@tandem/core/tensor";

/** |a[i] - b[j]|² of rows (N, d); orders as the distance does. */
export function squaredDistance(
  a: TensorOf<"f32">,
  i: number,
  b: TensorOf<"f32">,
  j: number,
): number {
  const width = a.shape[1];
  let sum = 0;
  for (let x = 0; x < width; x++) sum += (a.data[i * width + x] - b.data[j * width + x]) ** 2;
  return sum;
}

/** Euclidean distance (N,) of each row (N, d) to the nearest of `set` (M, d). */
export function nearestDistances(points: TensorOf<"f32">, set: TensorOf<"f32">): Float64Array {
  const [count, size] = [points.shape[0], set.shape[0]];
  if (size === 0) throw new Error("no row to be near to");
  return Float64Array.from({ length: count }, (_, row) => {
    let nearest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < size; i++)
      nearest = Math.min(nearest, squaredDistance(points, row, set, i));
    return Math.sqrt(nearest);
  });
}

/**
 * How near pictures are to the `seen` ones that they may have been learnt from, read against real
 * pictures that were `unseen`. `copied` is the share nearer than all but the nearest 1 % of those:
 * 0.01 for pictures that are as far from the seen ones as new real pictures are.
 */
export function memorisation(
  generated: TensorOf<"f32">,
  { seen, unseen }: { readonly seen: TensorOf<"f32">; readonly unseen: TensorOf<"f32"> },
): { readonly median: number; readonly medianUnseen: number; readonly copied: number } {
  const own = nearestDistances(generated, seen).sort();
  const real = nearestDistances(unseen, seen).sort();
  const median = (sorted: Float64Array) =>
    (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
  const near = real[Math.floor(real.length / 100)];
  return {
    median: median(own),
    medianUnseen: median(real),
    copied: own.filter((distance) => distance < near).length / own.length,
  };
}
