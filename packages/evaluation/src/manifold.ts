import type { TensorOf } from "@tandem/core/tensor";
import { squaredDistance } from "./distances";

// A manifold is the union of balls that reach from each feature to its k-th nearest neighbour.

/**
 * Improved precision and recall (Kynkäänniemi et al. 2019, arXiv 1904.06991): the share of generated
 * features inside the real manifold, and of real features inside the generated one.
 */
export function precisionRecall(
  real: TensorOf<"f32">,
  generated: TensorOf<"f32">,
  k = 3,
): { readonly precision: number; readonly recall: number } {
  const shareInside = (points: TensorOf<"f32">, manifold: TensorOf<"f32">) =>
    membership(points, manifold, k).balls.filter((balls) => balls > 0).length / points.shape[0];
  return { precision: shareInside(generated, real), recall: shareInside(real, generated) };
}

/**
 * Density and coverage (Naeem et al. 2020, arXiv 2002.09797): the real balls that a generated
 * feature lies in over `k`, which may pass 1, and the share of real balls that hold a generated one.
 */
export function densityCoverage(
  real: TensorOf<"f32">,
  generated: TensorOf<"f32">,
  k = 5,
): { readonly density: number; readonly coverage: number } {
  const { balls, held } = membership(generated, real, k);
  return {
    density: balls.reduce((a, b) => a + b, 0) / (k * generated.shape[0]),
    coverage: held.filter((points) => points > 0).length / real.shape[0],
  };
}

/** How many balls each point (N,) lies in, and how many points each ball (M,) holds. */
function membership(points: TensorOf<"f32">, manifold: TensorOf<"f32">, k: number) {
  const radii = squaredRadii(manifold, k);
  const [balls, held] = [new Int32Array(points.shape[0]), new Int32Array(radii.length)];
  for (let row = 0; row < balls.length; row++)
    for (let i = 0; i < radii.length; i++)
      if (squaredDistance(points, row, manifold, i) <= radii[i]) {
        balls[row]++;
        held[i]++;
      }
  return { balls, held };
}

function squaredRadii(manifold: TensorOf<"f32">, k: number): Float64Array {
  const [size] = manifold.shape;
  if (!(k >= 1 && size > k))
    throw new Error(`${size} features have no ${k}-th nearest neighbour each`);
  return Float64Array.from({ length: size }, (_, row) => {
    const others = Float64Array.from({ length: size }, (_, i) =>
      squaredDistance(manifold, row, manifold, i),
    );
    others[row] = Number.POSITIVE_INFINITY;
    return others.sort()[k - 1];
  });
}
