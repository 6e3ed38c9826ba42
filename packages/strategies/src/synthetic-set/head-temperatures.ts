import type { HeadTemperatures } from "@tandem/core/fused-logits";
import type { Predictions } from "@tandem/core/model";
import type { FitContext } from "@tandem/core/strategy";
import { logSumExp, type Rows, rowsOf } from "../aggregation/rows";
import { asLabelledSet, type RememberedSet } from "./remembered-sets";

/**
 * Of a model of pairs, by what each head says of a set that it has not been trained on, against the
 * prompts' classes: a picture may show another, which counts against its head. Of other models, and where
 * it is switched off, none. `known`: what the model, as it is now, has said of the set already.
 */
export async function headTemperatures(
  { model, trainer, signal }: FitContext,
  { calibration }: { readonly calibration: boolean },
  asked: RememberedSet,
  known?: Predictions,
): Promise<HeadTemperatures> {
  if (!calibration || model.modality !== "image-text") return {};
  const { logits } = known ?? (await trainer.predict(model, asLabelledSet(asked), signal));
  return Object.fromEntries(
    Object.keys(logits).map((head) => [
      head,
      likeliestTemperature(rowsOf(logits, head), asked.labels),
    ]),
  );
}

const [coldest, hottest] = [0.05, 20];

/**
 * T that minimises -Σ log softmax(o/T)_y (Guo et al., arXiv 1706.04599), between 0.05 and 20
 * (docs/algorithm.md A9).
 */
export function likeliestTemperature(logits: Rows, labels: ArrayLike<number>): number {
  // The loss is convex in β = 1/T; its slope is Σ (E_softmax(βo)[o] - o_y).
  const slopeAt = (beta: number) =>
    logits.reduce((sum, row, i) => {
      const total = logSumExp(Float64Array.from(row, (o) => beta * o));
      const mean = Array.from(row).reduce((m, o) => m + o * Math.exp(beta * o - total), 0);
      return sum + mean - row[labels[i]];
    }, 0);
  let [low, high] = [Math.log(1 / hottest), Math.log(1 / coldest)];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (slopeAt(Math.exp(middle)) <= 0) low = middle;
    else high = middle;
  }
  return Math.exp(-(low + high) / 2);
}
