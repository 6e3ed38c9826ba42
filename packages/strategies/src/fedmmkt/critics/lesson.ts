import type { ServerEnv } from "@tandem/core/strategy";
import type { FinetuneRequest } from "@tandem/core/teacher";
import { type Arrays, concatenateRows, f32, takeRows } from "@tandem/core/tensor";
import { mean, rowsOf } from "../../aggregation/rows";
import { rowsByClass } from "../../synthetic-set/painted-set";
import type { Round, Taught } from "../state";
import { distilledCritic, importancesBy, resampled } from "./server";

/** Rows of a lesson, drawn from this set and the last. */
const lessonRows = 256;
/** No picture counts for more than so many average ones. */
const cap = 20;

export type CriticsLesson = {
  readonly samples: FinetuneRequest["samples"];
  /** Public rows, each as often as it is to be replayed. */
  readonly replay: readonly number[];
  readonly critic: Arrays;
  readonly taught: Taught;
};

/**
 * The teacher's own pictures as often as the clients would show them, and public ones likewise by a critic
 * that is distilled from what they said (docs/algorithm.md A7).
 */
export async function criticsLesson(
  {
    round,
    critic,
    last,
    replayed,
  }: {
    readonly round: Round;
    readonly critic: Arrays;
    readonly last: Taught | undefined;
    /** Public rows that may be replayed. */
    readonly replayed: readonly number[];
  },
  { classes, teacher, rng, signal }: ServerEnv,
): Promise<CriticsLesson | undefined> {
  const { images, importances, verdict } = round;
  if (!importances || !verdict) return undefined;
  const { labels, prompts } = round.set;
  const seen = rowsOf({ seen: verdict.seen }, "seen");
  const balanced = balancedWithin(importances.data, labels, classes.length);
  const taught: Taught = {
    images,
    prompts,
    labels,
    importances,
    weights: f32(
      [labels.length],
      Float32Array.from(balanced, (w, i) => w * seen[i][labels[i]]),
    ),
  };
  const sets = last ? [last, taught] : [taught];
  const all = {
    images: concatenateRows(sets.map((set) => set.images)),
    prompts: sets.flatMap((set) => set.prompts),
    labels: sets.flatMap((set) => set.labels),
    importances: sets.flatMap((set) => [...set.importances.data]),
    weights: sets.flatMap((set) => [...set.weights.data]),
  };
  const spoken = all.importances.flatMap((w, row) => (w > 0 ? [row] : []));
  const own = await distilledCritic(
    { images: takeRows(all.images, spoken), labels: spoken.map((row) => all.labels[row]) },
    spoken.map((row) => all.importances[row]),
    { critic, classes: classes.length, rng: rng.fork("critic"), signal },
  );
  const rows = resampled(all.weights, lessonRows, rng.fork("lesson"));
  return {
    samples: {
      images: takeRows(all.images, rows),
      captions: rows.map((row) => all.prompts[row]),
      weights: rows.map(() => 1),
    },
    replay: await replayOf(replayed),
    critic: own,
    taught,
  };

  async function replayOf(known: readonly number[]): Promise<readonly number[]> {
    if (known.length === 0) return [];
    const { images: shown, labels: named } = teacher.publicSet;
    const set = { images: takeRows(shown, known), labels: known.map((row) => named[row]) };
    const weights = await importancesBy(own, set);
    return resampled(weights, known.length, rng.fork("replay")).map((i) => known[i]);
  }
}

/**
 * min(20, w / max(mean of its class, mean of all)): (N,). Without the second the least bad picture of a class
 * that shows none in the domain would count in full.
 */
export function balancedWithin(
  importances: ArrayLike<number>,
  labels: readonly number[],
  classes: number,
): Float64Array {
  const all = mean(importances);
  const rows = labels.map((_, row) => row);
  const ofClass = rowsByClass(labels, rows, classes).map((own) =>
    Math.max(all, mean(own.map((row) => importances[row])) || 0),
  );
  return Float64Array.from(importances, (w, i) => Math.min(cap, w / (ofClass[labels[i]] || 1)));
}
