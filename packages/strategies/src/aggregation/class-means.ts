import type { LabelledSet, Modality, Presence } from "@tandem/core/data";
import { type Arrays, arrayOf, f32, type TensorOf, u8 } from "@tandem/core/tensor";

/** Rows (N, w) of each modality, such as a model's predictions. */
type RowsByModality = Readonly<Partial<Record<Modality, TensorOf<"f32">>>>;

/** Of fewer samples of a class nothing leaves a tab: the mean of one sample is the sample's own. */
const leastOfClass = 5;

/** Means as a client may send them: none of a class of which it has fewer than five samples. */
export const sharedClassMeans = (
  rows: RowsByModality,
  { labels, present }: Pick<LabelledSet, "labels" | "present">,
  classes: number,
): Arrays => classMeans(rows, labels, classes, { present, least: leastOfClass });

/** Classes' shares (C,) of the samples, without the same classes; all alike where none is left. */
export function sharedClassShares(labels: ArrayLike<number>, classes: number): TensorOf<"f32"> {
  const counts = new Int32Array(classes);
  for (let i = 0; i < labels.length; i++) counts[labels[i]]++;
  const told = counts.map((samples) => (samples >= leastOfClass ? samples : 0));
  const total = told.reduce((a, b) => a + b, 0);
  const shares = Float32Array.from(told, (samples) => (total > 0 ? samples / total : 1 / classes));
  return f32([classes], shares);
}

/**
 * Over the samples that have the modality: `mean/…` (C, w), zeros where there are fewer than `least`
 * (1), and `held/…` (C,).
 */
export function classMeans(
  rows: RowsByModality,
  labels: ArrayLike<number>,
  classes: number,
  { present = {}, least = 1 }: { present?: Presence | undefined; least?: number } = {},
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
    const held = Array.from(counts, (samples) => Number(samples >= least));
    const means = sums.map((sum, at) => {
      const of = Math.floor(at / width);
      return held[of] ? sum / counts[of] : 0;
    });
    arrays[`mean/${modality}`] = f32([classes, width], means);
    arrays[`held/${modality}`] = u8([classes], held);
  }
  return arrays;
}
