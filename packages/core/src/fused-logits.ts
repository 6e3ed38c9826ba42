import type { Modality } from "./data";
import type { Predictions } from "./model";

/** What a head's logits are divided by before the heads of a pair are averaged. */
export type HeadTemperatures = Readonly<Partial<Record<Modality, number>>>;

/** Logits of a sample: the mean over the heads that the model has, each by its temperature. (N, C) rows. */
export function fusedLogits(
  { logits }: Predictions,
  temperatures: HeadTemperatures = {},
): readonly Float64Array[] {
  const heads = Object.entries(logits) as [Modality, (typeof logits)[Modality] & object][];
  const [count, classes] = heads[0][1].shape;
  return Array.from({ length: count }, (_, row) =>
    Float64Array.from({ length: classes }, (__, c) =>
      heads.reduce(
        (sum, [modality, { data }]) =>
          sum + data[row * classes + c] / (temperatures[modality] ?? 1) / heads.length,
        0,
      ),
    ),
  );
}
