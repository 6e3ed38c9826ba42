import type { TensorOf } from "@tandem/core/tensor";

/**
 * Improved precision and recall (Kynkäänniemi et al. 2019, arXiv 1904.06991): the share of generated
 * features inside the real manifold, and of real features inside the generated one. A manifold is
 * the union of balls that reach from each feature to its k-th nearest neighbour.
 */
export function precisionRecall(
  real: TensorOf<"f32">,
  generated: TensorOf<"f32">,
  k = 3,
): { readonly precision: number; readonly recall: number } {
  return {
    precision: shareInside(generated, real, k),
    recall: shareInside(real, generated, k),
  };
}

function shareInside(points: TensorOf<"f32">, manifold: TensorOf<"f32">, k: number): number {
  const [count, size] = [points.shape[0], manifold.shape[0]];
  if (!(k >= 1 && size > k))
    throw new Error(`${size} features have no ${k}-th nearest neighbour each`);
  const radii = Float64Array.from({ length: size }, (_, row) => {
    const others = Float64Array.from({ length: size }, (_, i) =>
      distance(manifold, row, manifold, i),
    );
    others[row] = Number.POSITIVE_INFINITY;
    return others.sort()[k - 1];
  });
  let inside = 0;
  for (let row = 0; row < count; row++)
    if (radii.some((radius, i) => distance(points, row, manifold, i) <= radius)) inside++;
  return inside / count;
}

/** Squared, which orders as the distance does. */
function distance(a: TensorOf<"f32">, i: number, b: TensorOf<"f32">, j: number): number {
  const width = a.shape[1];
  let sum = 0;
  for (let x = 0; x < width; x++) sum += (a.data[i * width + x] - b.data[j * width + x]) ** 2;
  return sum;
}
