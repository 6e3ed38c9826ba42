import type { TensorOf } from "@tandem/core/tensor";
import { eigen, multiply, squareRoot } from "./linear-algebra";

/** Mean (d,) and covariance (d, d) of feature rows (N, d). */
export function moments({ data, shape }: TensorOf<"f32">) {
  const [count, width] = shape;
  const mean = new Float64Array(width);
  for (let i = 0; i < data.length; i++) mean[i % width] += data[i] / count;
  const covariance = new Float64Array(width * width);
  for (let row = 0; row < count; row++)
    for (let i = 0; i < width; i++) {
      const x = data[row * width + i] - mean[i];
      for (let j = 0; j < width; j++)
        covariance[i * width + j] += (x * (data[row * width + j] - mean[j])) / (count - 1);
    }
  return { mean, covariance };
}

/** |μ1-μ2|² + Tr(Σ1 + Σ2 - 2 (Σ1 Σ2)^½) of two sets of features (arXiv 1706.08500). */
export function frechetDistance(left: TensorOf<"f32">, right: TensorOf<"f32">): number {
  const [a, b] = [moments(left), moments(right)];
  const n = left.shape[1];
  // Tr (Σ1 Σ2)^½ = Tr (Σ1^½ Σ2 Σ1^½)^½, which is symmetric.
  const root = squareRoot(a.covariance, n);
  const product = multiply(multiply(root, b.covariance, n), root, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++)
      product[i * n + j] = product[j * n + i] = (product[i * n + j] + product[j * n + i]) / 2;
  const cross = eigen(product, n).values.reduce((sum, v) => sum + Math.sqrt(Math.max(0, v)), 0);
  let distance = -2 * cross;
  for (let i = 0; i < n; i++)
    distance += (a.mean[i] - b.mean[i]) ** 2 + a.covariance[i * n + i] + b.covariance[i * n + i];
  return Math.max(0, distance);
}

/** Mean 1 - cos of pairs of the same class, averaged over classes with at least two samples. */
export function withinClassDiversity(
  { data, shape }: TensorOf<"f32">,
  labels: ArrayLike<number>,
): number {
  const [count, width] = shape;
  const row = (i: number) => data.subarray(i * width, (i + 1) * width);
  const norm = (x: Float32Array) => Math.hypot(...x) || 1;
  const byClass = new Map<number, { sum: number; pairs: number }>();
  for (let i = 0; i < count; i++)
    for (let j = 0; j < i; j++) {
      if (labels[i] !== labels[j]) continue;
      const [x, y] = [row(i), row(j)];
      const cosine = x.reduce((sum, v, k) => sum + v * y[k], 0) / (norm(x) * norm(y));
      const { sum, pairs } = byClass.get(labels[i]) ?? { sum: 0, pairs: 0 };
      byClass.set(labels[i], { sum: sum + 1 - cosine, pairs: pairs + 1 });
    }
  const classes = [...byClass.values()];
  return classes.reduce((total, { sum, pairs }) => total + sum / pairs, 0) / (classes.length || 1);
}
