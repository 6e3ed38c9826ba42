import type { Rng } from "@tandem/core/rng";
import { type Arrays, f32, type TensorOf } from "@tandem/core/tensor";
import type { Linear, Rows } from "./linear";
import { patchBank, patchFeatures, width } from "./patches";

/** Features that pictures are judged by: a bank of patches, and `mean` and `deviation` (64,) over the pictures that it is of. */
export async function viewOf(
  images: TensorOf<"u8">,
  rng: Rng,
): Promise<{ readonly view: Arrays; readonly features: TensorOf<"f32"> }> {
  const bank = patchBank(images, rng);
  const raw = await patchFeatures(bank, images);
  const count = images.shape[0];
  const [mean, deviation] = [new Float32Array(width), new Float32Array(width)];
  for (let j = 0; j < width; j++) {
    let [sum, squares] = [0, 0];
    for (let row = 0; row < count; row++) sum += raw.data[row * width + j];
    for (let row = 0; row < count; row++) squares += (raw.data[row * width + j] - sum / count) ** 2;
    mean[j] = sum / count;
    deviation[j] = Math.sqrt(squares / count) + 1e-6;
  }
  const view = { ...bank, mean: f32([width], mean), deviation: f32([width], deviation) };
  return { view, features: standardised(view, raw) };
}

/** Features (N, 64) of pictures as the view shows them. Needs a tfjs backend. */
export const seenBy = async (
  view: Arrays,
  images: TensorOf<"u8">,
  rows?: readonly number[],
): Promise<TensorOf<"f32">> => standardised(view, await patchFeatures(view, images, rows));

function standardised({ mean, deviation }: Arrays, { shape, data }: TensorOf<"f32">) {
  const values = data.map((value, i) => (value - mean.data[i % width]) / deviation.data[i % width]);
  return f32([shape[0], width], values);
}

/** Rows of features (N, 64) that have one target, and each the same importance. */
export type Part = {
  readonly features: TensorOf<"f32">;
  readonly rows: readonly number[];
  readonly target: number;
  readonly importance: number;
};

/** What a linear model is fitted to. */
export function joined(parts: readonly Part[]): Rows {
  const all = parts.flatMap(({ rows, ...part }) => rows.map((row) => ({ ...part, row })));
  const x = new Float32Array(all.length * width);
  all.forEach(({ features: { data }, row }, i) => {
    x.set(data.subarray(row * width, (row + 1) * width), i * width);
  });
  return {
    x,
    targets: all.map(({ target }) => target),
    importances: all.map(({ importance }) => importance),
    width,
  };
}

/** φ·w + b of features (N, 64): (N,). */
export function scores({ weights, bias }: Linear, { shape, data }: TensorOf<"f32">): Float64Array {
  return Float64Array.from({ length: shape[0] }, (_, row) => {
    let score = bias;
    for (let j = 0; j < width; j++) score += data[row * width + j] * weights[j];
    return score;
  });
}
