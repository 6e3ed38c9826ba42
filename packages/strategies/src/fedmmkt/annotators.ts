import type { Rows } from "../aggregation/weighted-answers";

const iterations = 15;
/** Pictures of each class, right with probability 0.6, that every annotator starts with. */
const prior = 4;

/** What a client sees in each picture, (N, C), and how far it counts: 1 for an answer in time. */
export type Vote = { readonly rows: Rows; readonly weight: number };

/**
 * What the pictures show, with every client and the prompt itself as an annotator of its own habits:
 * p_i(c) ∝ Π_k exp(w_k Σ_j v_{k,i,j} log π_k(j | c)), π_k(j | c) being how often k says j of what shows
 * c. Both are found by expectation-maximisation that begins with their mean (Dawid and Skene 1979),
 * here with votes that may be shared among classes. Labels: (N,) of the prompts. Rows: (N, C); trust (C,):
 * how often what shows a class was also asked for.
 */
export function annotated(
  votes: readonly Vote[],
  labels: readonly number[],
  classes: number,
): { readonly rows: readonly Float64Array[]; readonly trust: Float64Array } {
  const named = labels.map((label) =>
    Float64Array.from({ length: classes }, (_, c) => +(c === label)),
  );
  const annotators = [{ rows: named, weight: 1 }, ...votes];
  const total = annotators.reduce((sum, { weight }) => sum + weight, 0);
  let rows: Float64Array[] = labels.map((_, i) =>
    Float64Array.from(
      { length: classes },
      (_, c) => annotators.reduce((sum, { rows, weight }) => sum + weight * rows[i][c], 0) / total,
    ),
  );
  let habits: readonly Float64Array[] = [];
  for (let step = 0; step < iterations; step++) {
    habits = annotators.map((said) => habitsOf(said.rows, rows, classes));
    rows = labels.map((_, i) => posterior(i, annotators, habits, classes));
  }
  const trust = Float64Array.from({ length: classes }, (_, c) =>
    Math.exp(habits[0][c * classes + c]),
  );
  return { rows, trust };
}

/** log π(j | c): (C, C). */
function habitsOf(said: Rows, rows: readonly Float64Array[], classes: number): Float64Array {
  const counts = Float64Array.from(
    { length: classes ** 2 },
    (_, at) => prior * (at % (classes + 1) === 0 ? 0.6 : 0.4 / (classes - 1)),
  );
  rows.forEach((row, i) => {
    for (let c = 0; c < classes; c++)
      for (let j = 0; j < classes; j++) counts[c * classes + j] += row[c] * said[i][j];
  });
  return counts.map((count, at) => {
    const from = at - (at % classes);
    return Math.log(count / counts.subarray(from, from + classes).reduce((a, b) => a + b, 0));
  });
}

function posterior(
  i: number,
  annotators: readonly Vote[],
  habits: readonly Float64Array[],
  classes: number,
): Float64Array {
  const logs = Float64Array.from({ length: classes }, (_, c) =>
    annotators.reduce((sum, { rows, weight }, k) => {
      const meant = rows[i];
      for (let j = 0; j < classes; j++) sum += weight * meant[j] * habits[k][c * classes + j];
      return sum;
    }, 0),
  );
  const top = Math.max(...logs);
  const powers: Float64Array = logs.map((value) => Math.exp(value - top));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / total);
}
