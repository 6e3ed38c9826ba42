import type { TensorOf } from "@tandem/core/tensor";

/** Column of the largest logit of each row (N, C); -1 for a row that holds no number. */
export function predictionsOf({ data, shape }: TensorOf<"f32">): Int32Array {
  const [count, classes] = shape;
  return Int32Array.from({ length: count }, (_, row) => {
    const own = data.subarray(row * classes, (row + 1) * classes);
    return own.indexOf(Math.max(...own));
  });
}

/** Share of rows whose largest logit is the label. */
export function accuracy(logits: TensorOf<"f32">, labels: ArrayLike<number>): number {
  const hits = predictionsOf(logits).filter((prediction, row) => prediction === labels[row]);
  return hits.length / logits.shape[0];
}

/** Share of rows whose largest logit is each name's; the names are those of the columns. */
export function predictedShares(
  logits: TensorOf<"f32">,
  names: readonly string[],
): Readonly<Record<string, number>> {
  const predictions = predictionsOf(logits);
  return Object.fromEntries(
    names.map((name, column) => [
      name,
      predictions.filter((prediction) => prediction === column).length / predictions.length,
    ]),
  );
}

/** Accuracy among the rows of each part, by its logits (N, parts); parts of fewer than ten rows are left out. */
export function accuracyByPart(
  parts: TensorOf<"f32">,
  logits: TensorOf<"f32">,
  labels: ArrayLike<number>,
  names: readonly string[],
): Readonly<Record<string, number>> {
  const [part, prediction] = [predictionsOf(parts), predictionsOf(logits)];
  const hits = names.map((_, column) =>
    Array.from(part.keys())
      .filter((row) => part[row] === column)
      .map((row) => Number(prediction[row] === labels[row])),
  );
  return Object.fromEntries(
    names.flatMap((name, column) => {
      const own = hits[column];
      return own.length < 10 ? [] : [[name, own.reduce((a, b) => a + b, 0) / own.length]];
    }),
  );
}

/** Mean over the classes among `labels` of the share of their rows that are predicted so. */
export function balancedAccuracy(
  predictions: ArrayLike<number>,
  labels: ArrayLike<number>,
): number {
  if (predictions.length !== labels.length || labels.length === 0)
    throw new Error(`${predictions.length} predictions and ${labels.length} labels do not pair`);
  const byClass = new Map<number, { hits: number; count: number }>();
  for (let row = 0; row < labels.length; row++) {
    const { hits, count } = byClass.get(labels[row]) ?? { hits: 0, count: 0 };
    const hit = predictions[row] === labels[row] ? 1 : 0;
    byClass.set(labels[row], { hits: hits + hit, count: count + 1 });
  }
  const recalls = [...byClass.values()].map(({ hits, count }) => hits / count);
  return recalls.reduce((a, b) => a + b, 0) / recalls.length;
}

/** Rows whose label every judge sees. */
export function agreedRows(
  judgements: readonly TensorOf<"f32">[],
  labels: ArrayLike<number>,
): Int32Array {
  const predictions = judgements.map(predictionsOf);
  return Int32Array.from({ length: labels.length }, (_, row) => row).filter((row) =>
    predictions.every((own) => own[row] === labels[row]),
  );
}
