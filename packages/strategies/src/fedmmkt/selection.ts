import type { Encoding } from "@tandem/core/teacher";
import { argMax, dot, matrix, mean, type Rows, rowsOf, softmax } from "../aggregation/rows";
import type { Round } from "./state";

/** Of each class's pictures, the best ones. */
const acceptShare = 0.3;

/**
 * Rewards, advantages and acceptance of the pictures by what their judges see (docs/algorithm.md A7):
 * R = log p̄[y] + ½ Z̄img·Z̄txt - ½ J, standardised within each class.
 */
export function selectPictures(
  labels: readonly number[],
  { pooled, disagreement }: { readonly pooled: Rows; readonly disagreement: ArrayLike<number> },
  fused: { readonly image: Rows; readonly text: Rows },
) {
  const rewards = labels.map(
    (label, i) =>
      Math.log(Math.max(pooled[i][label], 1e-6)) +
      0.5 * dot(fused.image[i], fused.text[i]) -
      0.5 * disagreement[i],
  );
  const advantages = standardiseWithin(labels, rewards);
  const agrees = (i: number) => argMax(pooled[i]) === labels[i];
  return {
    seen: pooled,
    rewards,
    advantages,
    accepted: acceptBest(labels, advantages, agrees, disagreement),
  };
}

/** Zero mean and unit deviation among the samples of a class, clipped to ±5. */
function standardiseWithin(
  labels: readonly number[],
  values: readonly number[],
): readonly number[] {
  return values.map((value, i) => {
    const same = values.filter((_, j) => labels[j] === labels[i]);
    const centre = mean(same);
    const variance = same.reduce((sum, v) => sum + (v - centre) ** 2, 0) / same.length;
    return Math.max(-5, Math.min(5, (value - centre) / (Math.sqrt(variance) + 1e-6)));
  });
}

/** The best share of each class, where the clients see the prompt's class and do not quarrel. */
function acceptBest(
  labels: readonly number[],
  advantages: readonly number[],
  agrees: (i: number) => boolean,
  disagreement: ArrayLike<number>,
): readonly boolean[] {
  const sorted = Array.from(disagreement).sort((a, b) => a - b);
  const quarrel = sorted[Math.floor(0.8 * (sorted.length - 1))];
  return labels.map((label, i) => {
    const same = advantages.filter((_, j) => labels[j] === label).sort((a, b) => b - a);
    const bar = same[Math.max(0, Math.ceil(acceptShare * same.length) - 1)];
    return agrees(i) && disagreement[i] <= quarrel && advantages[i] >= bar;
  });
}

/** What the student of public samples alone says of the set. */
export function selfOpinion({ image, text }: Encoding): Round["self"] {
  if (!image || !text) throw new Error("the student answers for both modalities");
  const logits = rowsOf({ logits: image.logits }, "logits");
  return { probabilities: matrix(logits.map(softmax)), image: image.z, text: text.z };
}

/** The same in place of the judges' consensus: one judge, who quarrels with nobody. */
export function selfJudgement({ self }: Round) {
  if (!self) throw new Error("the public student has not been asked about the set");
  const pooled = rowsOf(self, "probabilities");
  return {
    pooled,
    disagreement: new Float64Array(pooled.length),
    image: rowsOf(self, "image"),
    text: rowsOf(self, "text"),
  };
}
