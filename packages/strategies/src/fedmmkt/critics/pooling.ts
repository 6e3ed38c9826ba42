import { dot, mean } from "../../aggregation/rows";
import { ageWeight } from "../../aggregation/weighted-answers";

/** No picture counts for more than so many average ones. */
export const cap = 20;

/** One client's critic: r (N,), of which classes it speaks (C,), and rounds since it was asked. */
export type CriticAnswer = {
  readonly id: string;
  readonly ratios: ArrayLike<number>;
  readonly held: ArrayLike<number>;
  readonly age: number;
};

/**
 * w_ki = min(20, e^r_ki / mean over the pictures that the client speaks of): (N,), how much more often the
 * client would show the picture than the teacher does. Each client's mean is at most 1, so that none has more say
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

/** Fewer pictures of which two clients speak say nothing of how alike they judge. */
const common = 8;

/**
 * How far critics can be believed: `support`, the mean of e^r over the pictures of which a client speaks, 1 at
 * most, which is 1 for a density ratio and near 0 where the client's pictures are unlike all painted ones;
 * `agreement`, the mean correlation of r with the mean of the others', over the pictures of a class; undefined
 * where no two clients speak of enough pictures together.
 */
export function reliabilityOf(
  answers: readonly CriticAnswer[],
  labels: readonly number[],
): { readonly support: number; readonly agreement: number | undefined } {
  const speaking = answers.filter(({ held }) => labels.some((label) => held[label] === 1));
  const supports = speaking.map(({ ratios, held }) => {
    const spoken = Array.from(ratios).filter((_, i) => held[labels[i]] === 1);
    return Math.min(1, mean(spoken.map(Math.exp)));
  });
  const said = new Float64Array(labels.length);
  const speakers = new Int32Array(labels.length);
  for (const { ratios, held } of speaking)
    labels.forEach((label, i) => {
      if (held[label] !== 1) return;
      said[i] += ratios[i];
      speakers[i]++;
    });
  const pairs = speaking.flatMap(({ ratios, held }) => {
    const rows = [...labels.keys()].filter((i) => held[labels[i]] === 1 && speakers[i] > 1);
    if (rows.length < common) return [];
    return [
      correlationWithin(
        rows.map((i) => labels[i]),
        rows.map((i) => ratios[i]),
        rows.map((i) => (said[i] - ratios[i]) / (speakers[i] - 1)),
      ),
    ];
  });
  return {
    support: speaking.length > 0 ? mean(supports) : 0,
    agreement: pairs.length > 0 ? mean(pairs) : undefined,
  };
}

/** Of two lists (N,), each less the mean of its class; 0 where one of them is constant. */
export function correlationWithin(
  labels: readonly number[],
  first: ArrayLike<number>,
  second: ArrayLike<number>,
): number {
  const classes = Math.max(-1, ...labels) + 1;
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]++;
  const centred = (values: ArrayLike<number>) => {
    const sums = new Float64Array(classes);
    labels.forEach((label, i) => {
      sums[label] += values[i];
    });
    return Float64Array.from(values, (v, i) => v - sums[labels[i]] / counts[labels[i]]);
  };
  const [a, b] = [centred(first), centred(second)];
  const norm = Math.sqrt(dot(a, a) * dot(b, b));
  return norm > 0 ? dot(a, b) / norm : 0;
}
