import { argMax, type Rows, rowsOf, sharpen } from "../aggregation/rows";
import { ageWeight, type Consensus } from "../aggregation/weighted-answers";
import type { Answer } from "./answers";
import type { FedmmktConfig } from "./config";
import type { Round } from "./state";

/** Annotators err alike, which their product does not know: above 1 leaves more doubt. */
const evidenceTemperature = 2;

/**
 * What clients are taught that the pictures show, from who sees them, their prompts and the student
 * (docs/algorithm.md A6).
 */
export function whatIsShown(
  config: FedmmktConfig,
  round: Round,
  viewers: readonly Answer[],
  pool: () => Pick<Consensus, "pooled">,
) {
  const { labels, classes } = round.set;
  const { rows, trust } = shown();
  return {
    /** (N, C). */
    target: rows.map((row) => sharpen(row, evidenceTemperature)),
    confidence: rows.map((row) => Math.max(...Array.from(row))),
    accepted: rows.map((row, i) => argMax(row) === labels[i]),
    /** In the prompts, by class, where that is found. */
    trust,
  };

  function shown(): { readonly rows: Rows; readonly trust?: Float64Array } {
    if (config.evidence === "server") return { rows: rowsOf(round.g, "seen") };
    if (config.evidence === "annotators")
      return annotated(annotatorsOf(round, viewers), labels, classes);
    return withPrompts(pool().pooled, labels);
  }
}

/** Who says what the pictures show, beside their prompts. */
function annotatorsOf({ g }: Round, viewers: readonly Answer[]): readonly Annotator[] {
  const clients = viewers.map(({ probabilities, age, familiarity }) => ({
    votes: probabilities,
    weight: ageWeight(age),
    familiarity,
  }));
  return [{ votes: rowsOf(g, "seen"), weight: 1 }, ...clients];
}

const annotatorSteps = 15;
/** Pictures of each class, right with probability 0.6, that every annotator starts with. */
const prior = 4;

/**
 * Who says what each picture shows, v (N, C), how far that counts: 1 for an answer in time, and f (N,), how
 * far each picture is of a kind that one knows: 1 where that is not said.
 */
export type Annotator = {
  readonly votes: Rows;
  readonly weight: number;
  readonly familiarity?: ArrayLike<number>;
};

/**
 * What the pictures show, with every client and the prompt itself as an annotator of its own habits:
 * p_i(c) ∝ Π_k exp(w_k f_{k,i} Σ_j v_{k,i,j} log π_k(j | c)), π_k(j | c) being how often k says j of what shows
 * c. Both are found by expectation-maximisation that begins with their mean (Dawid and Skene 1979),
 * here with answers that may be shared among classes. Labels: (N,) of the prompts. Rows: (N, C); trust (C,):
 * how often what shows a class was also asked for.
 */
export function annotated(
  others: readonly Annotator[],
  labels: readonly number[],
  classes: number,
): { readonly rows: readonly Float64Array[]; readonly trust: Float64Array } {
  const named = labels.map((label) =>
    Float64Array.from({ length: classes }, (_, c) => +(c === label)),
  );
  const annotators = [{ votes: named, weight: 1 }, ...others];
  let rows: Float64Array[] = labels.map((_, i) => {
    const total = annotators.reduce((sum, own) => sum + weightOf(own, i), 0);
    return Float64Array.from(
      { length: classes },
      (_, c) =>
        annotators.reduce((sum, own) => sum + weightOf(own, i) * own.votes[i][c], 0) / total,
    );
  });
  let habits: readonly Float64Array[] = [];
  for (let step = 0; step < annotatorSteps; step++) {
    habits = annotators.map((annotator) => habitsOf(annotator, rows, classes));
    rows = labels.map((_, i) => posterior(i, annotators, habits, classes));
  }
  const trust = Float64Array.from({ length: classes }, (_, c) =>
    Math.exp(habits[0][c * classes + c]),
  );
  return { rows, trust };
}

const weightOf = ({ weight, familiarity }: Annotator, i: number) =>
  weight * (familiarity?.[i] ?? 1);

/** log π(j | c): (C, C). */
function habitsOf(
  { votes, familiarity }: Annotator,
  rows: readonly Float64Array[],
  classes: number,
): Float64Array {
  const counts = Float64Array.from(
    { length: classes ** 2 },
    (_, at) => prior * (at % (classes + 1) === 0 ? 0.6 : 0.4 / (classes - 1)),
  );
  rows.forEach((row, i) => {
    const known = familiarity?.[i] ?? 1;
    for (let c = 0; c < classes; c++)
      for (let j = 0; j < classes; j++) counts[c * classes + j] += known * row[c] * votes[i][j];
  });
  return counts.map((count, at) => {
    const from = at - (at % classes);
    return Math.log(count / counts.subarray(from, from + classes).reduce((a, b) => a + b, 0));
  });
}

function posterior(
  i: number,
  annotators: readonly Annotator[],
  habits: readonly Float64Array[],
  classes: number,
): Float64Array {
  const logs = Float64Array.from({ length: classes }, (_, c) =>
    annotators.reduce((sum, own, k) => {
      const weight = weightOf(own, i);
      for (let j = 0; j < classes; j++)
        sum += weight * own.votes[i][j] * habits[k][c * classes + j];
      return sum;
    }, 0),
  );
  const top = Math.max(...logs);
  const powers: Float64Array = logs.map((value) => Math.exp(value - top));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / total);
}

const promptSteps = 20;

/**
 * What a picture shows, by the clients and by its prompt: p(c) ∝ p̄_c · (t_y if c is the prompt's class
 * y, else (1 - t_y) / (C - 1)). t_y, how often pictures of class y obey their prompt, is found with it by
 * expectation-maximisation, as one more annotator's reliability (Dawid and Skene 1979), from ½ and with
 * one picture more of either kind. Rows (N, C) in and out.
 */
export function withPrompts(
  pooled: Rows,
  labels: readonly number[],
): { readonly rows: readonly Float64Array[]; readonly trust: Float64Array } {
  const classes = pooled[0].length;
  const trust = new Float64Array(classes).fill(0.5);
  let rows: Float64Array[] = [];
  for (let step = 0; step < promptSteps; step++) {
    rows = pooled.map((row, i) => {
      const t = trust[labels[i]];
      const joint = Float64Array.from(
        row,
        (p, c) => p * (c === labels[i] ? t : (1 - t) / (classes - 1)),
      );
      const total = joint.reduce((a, b) => a + b, 0);
      return total > 0 ? joint.map((p) => p / total) : Float64Array.from(row);
    });
    for (let c = 0; c < classes; c++) {
      const own = rows.filter((_, i) => labels[i] === c);
      trust[c] = (1 + own.reduce((sum, row) => sum + row[c], 0)) / (2 + own.length);
    }
  }
  return { rows, trust };
}
