import type { Rng } from "@tandem/core/rng";
import type { TensorOf } from "@tandem/core/tensor";

/** Mean cosine of paired rows (N, d), such as a picture's and its prompt's; 0 for a row of zeros. */
export function meanCosine(left: TensorOf<"f32">, right: TensorOf<"f32">): number {
  const [count, width] = left.shape;
  if (String(left.shape) !== String(right.shape) || count === 0)
    throw new Error(`rows [${left.shape}] and [${right.shape}] do not pair`);
  let sum = 0;
  for (let row = 0; row < count; row++) {
    const [x, y] = [left, right].map(({ data }) => data.subarray(row * width, (row + 1) * width));
    const norms = Math.sqrt(dot(x, x) * dot(y, y));
    if (norms > 0) sum += dot(x, y) / norms;
  }
  return sum / count;
}

/**
 * R-precision (Xu et al. 2018, arXiv 1711.10485): share of pictures (N, d) whose own caption has a
 * larger inner product than each of `distractors` rows drawn among those with another key. A tie is
 * a miss. Chance is 1 / (distractors + 1).
 */
export function rPrecision(
  images: TensorOf<"f32">,
  captions: TensorOf<"f32">,
  options: { readonly keys: readonly string[]; readonly rng: Rng; readonly distractors?: number },
): number {
  const { keys, rng, distractors = 99 } = options;
  const [count, width] = images.shape;
  if (String(images.shape) !== String(captions.shape) || keys.length !== count)
    throw new Error(
      `[${images.shape}] pictures, [${captions.shape}] captions and ${keys.length} keys do not pair`,
    );
  const row = ({ data }: TensorOf<"f32">, i: number) => data.subarray(i * width, (i + 1) * width);
  let hits = 0;
  for (let query = 0; query < count; query++) {
    const picture = row(images, query);
    const others = rng.permutation(count).filter((i) => keys[i] !== keys[query]);
    if (others.length < distractors)
      throw new Error(`"${keys[query]}" has ${others.length} distractors, not ${distractors}`);
    const own = dot(picture, row(captions, query));
    const drawn = others.subarray(0, distractors);
    if (drawn.every((other) => own > dot(picture, row(captions, other)))) hits++;
  }
  return hits / count;
}

function dot(x: Float32Array, y: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}
