import { mean } from "../../aggregation/rows";
import { ageWeight } from "../../aggregation/weighted-answers";

/** No picture counts for more than so many average ones. */
const cap = 20;

/** One client's critic: r (N,), of which classes it speaks (C,), and rounds since it was asked. */
export type CriticAnswer = {
  readonly id: string;
  readonly ratios: ArrayLike<number>;
  readonly held: ArrayLike<number>;
  readonly age: number;
};

/**
 * w_ki = min(20, e^r_ki / mean over the pictures that the client speaks of): (N,), how much more often the
 * client would show the picture than the teacher does. Each client's mean is 1, so that none has more say
 * than another, whatever it answers.
 */
export function importancesOf(
  { ratios, held }: Pick<CriticAnswer, "ratios" | "held">,
  labels: readonly number[],
): Float64Array {
  const odds = Float64Array.from(ratios, Math.exp);
  const spoken = odds.filter((_, i) => held[labels[i]] === 1);
  const centre = spoken.length > 0 ? mean(spoken) : 1;
  return odds.map((value) => Math.min(cap, value / centre));
}

/** w̄ (N,), 0 where nobody speaks; and how like the clients' own the pictures are, 1 where nobody says. */
export type Pooled = { readonly importances: Float32Array; readonly likeness: Float64Array };

/**
 * The mean over those who speak of the picture's class, which for clients of several domains is the ratio to
 * their mixture (docs/algorithm.md A6).
 */
export function pooledImportances(
  answers: readonly CriticAnswer[],
  labels: readonly number[],
): Pooled {
  const sums = new Float64Array(labels.length);
  const weights = new Float64Array(labels.length);
  for (const answer of answers) {
    const own = importancesOf(answer, labels);
    const weight = ageWeight(answer.age);
    labels.forEach((label, i) => {
      if (answer.held[label] !== 1) return;
      sums[i] += weight * own[i];
      weights[i] += weight;
    });
  }
  const importances = Float32Array.from(sums, (sum, i) => (weights[i] > 0 ? sum / weights[i] : 0));
  return {
    importances,
    likeness: weights.map((weight, i) => (weight > 0 ? Math.min(1, importances[i]) : 1)),
  };
}
