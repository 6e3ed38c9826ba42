import { argMax, dot, type Rows, rowsOf } from "../../aggregation/rows";
import type { FedmmktConfig } from "../config";
import {
  type FedmmktState,
  type FedmmktStep,
  isNone,
  type Kept,
  roundOf,
  type Trial,
} from "../state";

const untried: Trial = {
  isOpen: false,
  pairs: [],
  rounds: [],
  baseDiversity: null,
  rejections: 0,
  rate: 1,
};
export const trialOf = ({ trial = untried }: Pick<Kept, "trial">): Trial => trial;

/** Whether lessons can be undone, or rest. */
export const isTried = ({ abTest, qualityStop }: FedmmktConfig): boolean => abTest || qualityStop;

export const isFrozen = ({ rejections }: Trial): boolean => rejections >= 2;

/** Mean and standard error of the differences of all pairs, those of several rounds together. */
export function pooledDifference(rounds: readonly (readonly number[])[]): {
  readonly mean: number;
  readonly error: number;
} {
  const all = rounds.flat();
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  const squares = all.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / Math.max(1, all.length - 1) / all.length) };
}

/**
 * Mean pairwise 1 - cos of the unit rows of each class, null for fewer than two. Only rows that are
 * seen as prompted count: pictures of wrong classes would pass for diversity.
 */
export function classDiversity(
  z: Rows,
  labels: readonly number[],
  isCounted: (i: number) => boolean,
  classes: number,
): readonly (number | null)[] {
  return Array.from({ length: classes }, (_, c) => {
    const rows = z.filter((_, i) => labels[i] === c && isCounted(i));
    const n = rows.length;
    if (n < 2) return null;
    const sum = Array.from(rows[0], (_, j) => rows.reduce((total, row) => total + row[j], 0));
    const own = rows.reduce((total, row) => total + dot(row, row), 0);
    return 1 - (dot(sum, sum) - own) / (n * (n - 1));
  });
}

/** Mean over the classes that both have, over the base's; 1 where there is none. */
export function diversityRatio(
  now: readonly (number | null)[],
  base: Trial["baseDiversity"],
): number {
  let [sum, of] = [0, 0];
  now.forEach((value, c) => {
    const known = base?.[c] ?? null;
    if (value === null || known === null) return;
    sum += value;
    of += known;
  });
  return of > 0 ? sum / of : 1;
}

/**
 * The A/B test (docs/algorithm.md A8) after the clients' verdict on a set: the base's diversity, or the differences of the round's pairs.
 * Rolls the adapter back when over full `trialRounds` the pooled difference is below -½ s.e., or the
 * mean diversity below 0.9 of the base's. Of one round both are mostly noise: of 100 pictures, standard
 * errors of 0.2 to 0.3 and ratios from 0.7 to 1. What is rolled back starts a new pool.
 */
export function concludeTrial(
  config: FedmmktConfig,
  { state, metrics }: FedmmktStep,
  verdict: { readonly seen: Rows; readonly rewards: readonly number[] },
): FedmmktStep {
  const trial = trialOf(state.kept);
  const { set, trialZ } = roundOf(state);
  if (!trialZ) throw new Error("the public student has not described the set");
  const { labels, classes } = set;
  const isRight = (i: number) => argMax(verdict.seen[i]) === labels[i];
  const z = rowsOf({ trialZ }, "trialZ");
  const isBase = isNone(state.kept.adapter);
  if (trial.pairs.length === 0) {
    if (trial.baseDiversity || !isBase) return { state, metrics };
    const baseDiversity = classDiversity(z, labels, isRight, classes);
    return { state: withTrial(state, { ...trial, baseDiversity }), metrics };
  }
  const own = new Set(trial.pairs.map(([current]) => current));
  const now = classDiversity(z, labels, (i) => own.has(i) && isRight(i), classes);
  const diversity = diversityRatio(now, trial.baseDiversity);
  const { rewards } = verdict;
  const differences = trial.pairs.map(
    ([current, previous]) => rewards[current] - rewards[previous],
  );
  const rounds = [...trial.rounds, { differences, diversity }].slice(-config.trialRounds);
  const { mean, error } = pooledDifference(rounds.map((round) => round.differences));
  const spread = rounds.reduce((sum, round) => sum + round.diversity, 0) / rounds.length;
  const isFull = rounds.length === config.trialRounds;
  const isRejected = isFull && (mean < -0.5 * error || spread < 0.9);
  const rejections = isFull ? 0 : trial.rejections;
  return {
    state: isRejected
      ? rolledBack(withTrial(state, rejected(trial)))
      : withTrial(state, { ...trial, rounds, rejections }),
    metrics: {
      ...metrics,
      "trial/difference": pooledDifference([differences]).mean,
      "trial/pooledDifference": mean,
      "trial/pooledError": error,
      "trial/diversity": diversity,
      "trial/pooledDiversity": spread,
      "trial/rejected": Number(isRejected),
    },
  };
}

/** A new pool, and half the rate. */
export const rejected = (trial: Trial): Trial => ({
  ...trial,
  rounds: [],
  rejections: trial.rejections + 1,
  rate: trial.rate / 2,
});

const withTrial = (state: FedmmktState, trial: Trial): FedmmktState => ({
  ...state,
  kept: { ...state.kept, trial },
});

/** The adapter before in place of the adapter; none before the first lesson. */
const rolledBack = (state: FedmmktState): FedmmktState => ({
  ...state,
  kept: { ...state.kept, adapter: state.kept.previous },
});
