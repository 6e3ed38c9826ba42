import { argMax, rowAt } from "../aggregation/rows";
import { type Consensus, isSum, predictionWeights } from "../aggregation/weighted-answers";
import type { Answer } from "./answers";
import type { Beliefs } from "./beliefs";
import type { FedmmktConfig } from "./config";

/** a_{k,c} ← 0.8 a + 0.2 (1 + hits) / (2 + |H_c|) against the consensus of the others (docs/algorithm.md A6). */
export function updatedReliability(
  config: Pick<FedmmktConfig, "robust">,
  answers: readonly Answer[],
  labels: readonly number[],
  poolOf: (part: readonly Answer[]) => Pick<Consensus, "pooled">,
): Beliefs {
  const updated = { image: new Map<string, Float64Array>(), text: new Map<string, Float64Array>() };
  const clients = new Map<string, Answer[]>();
  for (const answer of answers) {
    const own = clients.get(answer.id);
    if (own) own.push(answer);
    else clients.set(answer.id, [answer]);
  }
  if (clients.size < 2) return updated;
  const seenByOthers = isSum(config)
    ? leavingOut(config, answers)
    : (own: readonly Answer[]) => {
        const { pooled } = poolOf(answers.filter(({ id }) => id !== own[0].id));
        return Int32Array.from(pooled, argMax);
      };
  for (const [id, own] of clients) {
    const seen = seenByOthers(own);
    for (const answer of own) updated[answer.modality].set(id, renewed(answer, labels, seen));
  }
  return updated;
}

function renewed(
  { probabilities, reliabilityByClass: before }: Answer,
  labels: readonly number[],
  seen: Int32Array,
): Float64Array {
  const held = new Int32Array(before.length);
  const hits = new Int32Array(before.length);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (seen[i] !== label) continue;
    held[label]++;
    if (argMax(rowAt(probabilities, i)) === label) hits[label]++;
  }
  return Float64Array.from(before, (a, c) => 0.8 * a + (0.2 * (1 + hits[c])) / (2 + held[c]));
}

/**
 * What the others see of each item (N,), from the sum of all less one's own part. The sum is of whole numbers,
 * so that it is what the others' alone would be.
 */
function leavingOut(config: Pick<FedmmktConfig, "robust">, answers: readonly Answer[]) {
  const [items, classes] = answers[0].probabilities.shape;
  const parts = new Map(
    answers.map((answer) => [answer, predictionWeights(answer, config).weights] as const),
  );
  const totals = new Float64Array(items);
  for (const weights of parts.values()) for (let i = 0; i < items; i++) totals[i] += weights[i];
  // A row may sum to a little more than one.
  const step = 2 ** (51 - Math.ceil(Math.log2(totals.reduce((a, b) => Math.max(a, b)))));
  const add = (sum: Float64Array, answer: Answer, sign: number) => {
    const { data } = answer.probabilities;
    const weights = parts.get(answer);
    if (!weights) throw new Error("an answer that is not in the sum");
    for (let i = 0, at = 0; i < items; i++) {
      const weight = weights[i] * step;
      for (const end = at + classes; at < end; at++)
        sum[at] += sign * Math.round(weight * data[at]);
    }
  };
  const all = new Float64Array(items * classes);
  for (const answer of answers) add(all, answer, 1);
  const others = new Float64Array(items * classes);
  return (own: readonly Answer[]): Int32Array => {
    others.set(all);
    for (const answer of own) add(others, answer, -1);
    return Int32Array.from({ length: items }, (_, i) =>
      argMax(others.subarray(i * classes, (i + 1) * classes)),
    );
  };
}
