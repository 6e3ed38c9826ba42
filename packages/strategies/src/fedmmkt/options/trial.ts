import type { JsonObject } from "@tandem/core/json";
import type { Payload } from "@tandem/core/payload";
import type { ServerStep } from "@tandem/core/strategy";
import { addPrefix, underPrefix } from "@tandem/core/tensor";
import { rowsOf } from "../../aggregation/rows";
import { argMax, dot, type Rows } from "../../aggregation/weighted-answers";
import { paintedSet } from "../../synthetic-set/painted-set";
import type { FedmmktConfig } from "../config";

/** Items of the set that show one prompt, by the adapter and by the one before. */
export type Pair = readonly [current: number, previous: number];

/** The federated A/B test of the teacher (algorithm section A8), in the state's meta. [ours] */
export type Trial = {
  /** The adapter has been trained since `previous/…`. */
  readonly isOpen: boolean;
  /** Provenance of the set's items; it stays on the server. */
  readonly pairs: readonly Pair[];
  /** Of the latest rounds: differences of reward of the pairs, and diversity over the base's. */
  readonly rounds: readonly {
    readonly differences: readonly number[];
    readonly diversity: number;
  }[];
  /** Of the base's pictures, by class; null where too few were seen as prompted. */
  readonly baseDiversity: readonly (number | null)[] | null;
  /** One after the other, with no acceptance between them. */
  readonly rejections: number;
  /** Factor of the fine-tuning rate. */
  readonly rate: number;
};

const untried: Trial = {
  isOpen: false,
  pairs: [],
  rounds: [],
  baseDiversity: null,
  rejections: 0,
  rate: 1,
};
export const trialOf = (meta: JsonObject): Trial =>
  (meta.trial as unknown as Trial | undefined) ?? untried; // by `prepare`

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
 * After the clients' verdict on a set: the base's diversity, or the differences of the round's pairs.
 * Rolls the adapter back when over full `trialRounds` the pooled difference is below -½ s.e., or the
 * mean diversity below 0.9 of the base's. Of one round both are mostly noise: of 100 pictures, standard
 * errors of 0.2 to 0.3 and ratios from 0.7 to 1. What is rolled back starts a new pool.
 */
export function concludeTrial(
  config: FedmmktConfig,
  { state, metrics }: ServerStep,
  verdict: { readonly seen: Rows; readonly rewards: readonly number[] },
): ServerStep {
  const trial = trialOf(state.meta);
  const { labels, classes } = paintedSet(state);
  const isRight = (i: number) => argMax(verdict.seen[i]) === labels[i];
  const z = rowsOf(state.arrays, "trial/z");
  const isBase = Object.keys(underPrefix("adapter/", state.arrays)).length === 0;
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

export const withTrial = (state: Payload, trial: Trial): Payload => ({
  ...state,
  meta: { ...state.meta, trial: trial as unknown as JsonObject }, // plain JSON by its type
});

/** The adapter before in place of the adapter; none before the first lesson. */
function rolledBack(state: Payload): Payload {
  const kept = Object.entries(state.arrays).filter(([name]) => !name.startsWith("adapter/"));
  return {
    ...state,
    arrays: {
      ...Object.fromEntries(kept),
      ...addPrefix("adapter/", underPrefix("previous/", state.arrays)),
    },
  };
}
