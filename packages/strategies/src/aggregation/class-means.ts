import type { Modality, Presence } from "@tandem/core/data";
import { type Arrays, arrayOf, f32, type TensorOf, u8 } from "@tandem/core/tensor";

/** Rows (N, w) of each modality, such as a model's predictions. */
type RowsByModality = Readonly<Partial<Record<Modality, TensorOf<"f32">>>>;

/** Over the samples that have the modality: `mean/…` (C, w), zeros where the client has no sample, and `held/…` (C,). */
export function classMeans(
  rows: RowsByModality,
  labels: ArrayLike<number>,
  classes: number,
  present: Presence = {},
): Arrays {
  const arrays: Record<string, TensorOf<"f32"> | TensorOf<"u8">> = {};
  for (const modality of Object.keys(rows) as Modality[]) {
    const { shape, data } = arrayOf(rows, modality, "f32");
    const [count, width] = shape;
    const sums = new Float64Array(classes * width);
    const counts = new Float64Array(classes);
    for (let i = 0; i < count; i++) {
      if (present[modality]?.[i] === 0) continue;
      counts[labels[i]]++;
      for (let j = 0; j < width; j++) sums[labels[i] * width + j] += data[i * width + j];
    }
    const means = sums.map((sum, at) => sum / Math.max(1, counts[Math.floor(at / width)]));
    arrays[`mean/${modality}`] = f32([classes, width], means);
    arrays[`held/${modality}`] = u8([classes], Array.from(counts, Math.sign));
  }
  return arrays;
}
