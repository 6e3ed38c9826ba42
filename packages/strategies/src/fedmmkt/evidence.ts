import { argMax, type Rows, rowsOf, sharpen, type Table } from "../aggregation/rows";
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
  return [{ votes: g.seen, weight: 1 }, ...clients];
}

const annotatorSteps = 15;
/** Pictures of each class, right with probability 0.6, that every annotator starts with. */
const prior = 4;

/**
 * Who says what each picture shows, v (N, C), how far that counts: 1 for an answer in time, and f (N,), how
 * far each picture is of a kind that one knows: 1 where that is not said.
 */
export type Annotator = {
  readonly votes: Table;
  readonly weight: number;
  readonly familiarity?: ArrayLike<number> | undefined;
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
  const annotators = [{ votes: named(labels, classes), weight: 1 }, ...others];
  const rows = meanVotes(annotators, labels.length, classes);
  const habits = annotators.map(() => new Float64Array(classes ** 2));
  for (let step = 0; step < annotatorSteps; step++) {
    annotators.forEach((annotator, k) => {
      findHabits(annotator, rows, classes, habits[k]);
    });
    findPosteriors(annotators, habits, classes, rows);
  }
  const trust = Float64Array.from({ length: classes }, (_, c) =>
    Math.exp(habits[0][c * classes + c]),
  );
  return {
    rows: labels.map((_, i) => rows.subarray(i * classes, (i + 1) * classes)),
    trust,
  };
}

/** What the prompts say: all of a row (C,) on its class. */
function named(labels: readonly number[], classes: number): Table {
  const data = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => {
    data[i * classes + label] = 1;
  });
  return { shape: [labels.length, classes], data };
}

/** The weighted mean of all votes, (N, C) in one piece. */
function meanVotes(annotators: readonly Annotator[], items: number, classes: number): Float64Array {
  const rows = new Float64Array(items * classes);
  const totals = new Float64Array(items);
  for (const { votes, weight, familiarity } of annotators)
    for (let i = 0; i < items; i++) {
      const own = familiarity ? weight * familiarity[i] : weight;
      totals[i] += own;
      for (let at = i * classes; at < (i + 1) * classes; at++) rows[at] += own * votes.data[at];
    }
  return rows.map((sum, at) => sum / totals[Math.floor(at / classes)]);
}

/** log π(j | c): (C, C), into `habits`. */
function findHabits(
  { votes: { data }, familiarity }: Annotator,
  rows: Float64Array,
  classes: number,
  habits: Float64Array,
): void {
  for (let at = 0; at < habits.length; at++)
    habits[at] = prior * (at % (classes + 1) === 0 ? 0.6 : 0.4 / (classes - 1));
  for (let i = 0; i * classes < rows.length; i++) {
    const known = familiarity ? familiarity[i] : 1;
    const first = i * classes;
    for (let c = 0; c < classes; c++) {
      const share = known * rows[first + c];
      for (let j = 0; j < classes; j++) habits[c * classes + j] += share * data[first + j];
    }
  }
  for (let from = 0; from < habits.length; from += classes) {
    let total = 0;
    for (let at = from; at < from + classes; at++) total += habits[at];
    for (let at = from; at < from + classes; at++) habits[at] = Math.log(habits[at] / total);
  }
}

/** The posterior of each picture, (N, C) in one piece, into `rows`. */
function findPosteriors(
  annotators: readonly Annotator[],
  habits: readonly Float64Array[],
  classes: number,
  rows: Float64Array,
): void {
  rows.fill(0);
  annotators.forEach(({ votes: { data }, weight, familiarity }, k) => {
    const own = habits[k];
    for (let first = 0, i = 0; first < rows.length; first += classes, i++) {
      const counted = familiarity ? weight * familiarity[i] : weight;
      for (let c = 0; c < classes; c++) {
        let sum = rows[first + c];
        for (let j = 0; j < classes; j++) sum += counted * data[first + j] * own[c * classes + j];
        rows[first + c] = sum;
      }
    }
  });
  for (let from = 0; from < rows.length; from += classes) {
    let [top, total] = [-Infinity, 0];
    for (let at = from; at < from + classes; at++) top = Math.max(top, rows[at]);
    for (let at = from; at < from + classes; at++) total += rows[at] = Math.exp(rows[at] - top);
    for (let at = from; at < from + classes; at++) rows[at] /= total;
  }
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
