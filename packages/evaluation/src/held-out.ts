import type { TensorOf } from "@tandem/core/tensor";
import { predictionsOf } from "./predictions";

/** Hits among so many. */
export type Share = {
  readonly hits: number;
  readonly count: number;
  /** 0-1; undefined of none. */
  readonly share: number | undefined;
  /** Where the true share lies, with 95 % confidence. */
  readonly interval: readonly [low: number, high: number];
};

const z = 1.959963984540054; // 97.5 % of a normal law lie below

/** Wilson's score interval (1927), which is honest for few samples and for shares of 0 and 1. */
export function shareOf(hits: number, count: number): Share {
  if (!Number.isInteger(hits) || !Number.isInteger(count) || hits < 0 || hits > count)
    throw new Error(`${hits} hits among ${count}`);
  if (count === 0) return { hits, count, share: undefined, interval: [0, 1] };
  const share = hits / count;
  const scale = 1 + z ** 2 / count;
  const centre = (share + z ** 2 / (2 * count)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / count + (z / (2 * count)) ** 2);
  const low = hits === 0 ? 0 : centre - half;
  return { hits, count, share, interval: [low, hits === count ? 1 : centre + half] };
}

export type HeldOutResult = {
  readonly accuracy: Share;
  /** Of the samples of each class, in the order of the columns. */
  readonly classes: readonly Share[];
  /** (C, C) counts: the label's row, the prediction's column. Rows without a prediction are in none. */
  readonly confusion: readonly (readonly number[])[];
  /** (N,) -1 where a row holds no number. */
  readonly predictions: Int32Array;
};

/** How a model did on samples that it has not learned from: logits (N, C), labels (N,). */
export function heldOutResult(logits: TensorOf<"f32">, labels: ArrayLike<number>): HeldOutResult {
  const [count, classes] = logits.shape;
  if (labels.length !== count)
    throw new Error(`${count} rows of logits and ${labels.length} labels do not pair`);
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const sizes = new Array<number>(classes).fill(0);
  const predictions = predictionsOf(logits);
  predictions.forEach((prediction, row) => {
    const label = labels[row];
    if (!(label in sizes)) throw new Error(`label ${label} of row ${row} is not below ${classes}`);
    sizes[label]++;
    if (prediction >= 0) confusion[label][prediction]++;
  });
  const hits = confusion.reduce((sum, own, label) => sum + own[label], 0);
  return {
    accuracy: shareOf(hits, count),
    classes: sizes.map((size, label) => shareOf(confusion[label][label], size)),
    confusion,
    predictions,
  };
}

/** Rows by who gets them right: two models, or one before and after. */
export type Comparison = {
  readonly both: Int32Array;
  readonly neither: Int32Array;
  readonly gained: Int32Array;
  readonly lost: Int32Array;
  /**
   * How often two equally good models would differ so much or more on the rows where one is right: the sign
   * test, that is McNemar's exact one. 1 where there are none.
   */
  readonly chance: number;
};

/** Predictions (N,) of a model on the same rows as those of `base`; `gained` are right only now. */
export function compared(
  base: ArrayLike<number>,
  predictions: ArrayLike<number>,
  labels: ArrayLike<number>,
): Comparison {
  if (base.length !== labels.length || predictions.length !== labels.length)
    throw new Error(
      `${base.length} and ${predictions.length} predictions and ${labels.length} labels do not pair`,
    );
  const rows = Int32Array.from({ length: labels.length }, (_, row) => row);
  const where = (before: boolean, now: boolean) =>
    rows.filter(
      (row) => (base[row] === labels[row]) === before && (predictions[row] === labels[row]) === now,
    );
  const [gained, lost] = [where(false, true), where(true, false)];
  return {
    both: where(true, true),
    neither: where(false, false),
    gained,
    lost,
    chance: signTest(gained.length, lost.length),
  };
}

/** Two-sided, of fair coins. */
function signTest(left: number, right: number): number {
  const count = left + right;
  let term = -count * Math.LN2; // logarithm of the share of outcomes with k heads
  let tail = 0;
  for (let k = 0; k <= Math.min(left, right); k++) {
    tail += Math.exp(term);
    term += Math.log((count - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}
