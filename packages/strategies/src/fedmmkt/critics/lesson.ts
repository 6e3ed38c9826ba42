import type { Rng } from "@tandem/core/rng";
import type { Metrics, ServerEnv } from "@tandem/core/strategy";
import type { FinetuneRequest } from "@tandem/core/teacher";
import { type Arrays, concatenateRows, f32, type TensorOf, takeRows } from "@tandem/core/tensor";
import { mean, rowsOf } from "../../aggregation/rows";
import { rowsByClass } from "../../synthetic-set/painted-set";
import type { Kept, Round, Taught, Verdict } from "../state";
import { criticise } from "./net";
import { cap, correlationWithin } from "./pooling";
import type { Painted } from "./ratios";
import { distilledCritic, importancesBy, logOf, resampled } from "./server";

/** Rows of a lesson, drawn from this set and the last. */
const lessonRows = 256;

export type CriticsLesson = {
  readonly samples: FinetuneRequest["samples"];
  /** Public rows, each as often as it is to be replayed. */
  readonly replay: readonly number[];
  readonly kept: Pick<Kept, "critic" | "taught">;
};

/**
 * The teacher's own pictures as often as the clients would show them, and public ones likewise by a critic
 * that is distilled from what they said (docs/algorithm.md A7). No lesson where nobody speaks, or where what
 * is said of half of the pictures does not tell what is said of the other half.
 */
export async function criticsLesson(
  { kept, round }: { readonly kept: Kept; readonly round: Round },
  /** Public rows that may be replayed. */
  replayed: readonly number[],
  env: ServerEnv,
): Promise<{ readonly lesson?: CriticsLesson; readonly metrics: Metrics }> {
  const { classes, rng, signal } = env;
  const { importances, verdict } = round;
  if (!importances?.data.some((w) => w > 0) || !verdict)
    return { metrics: { "critics/silent": 1 } };
  const taught = taughtOf(round, importances, verdict);
  const learn = (rows: Spoken, critic: Arrays, stream: string) =>
    distilledCritic(rows, rows.importances, {
      critic,
      classes: classes.length,
      rng: rng.fork(stream),
      signal,
    });

  // 1. Whether the critics tell pictures from one another, alike: by half of the set.
  const [half, rest] = halvesOf(spokenOf([taught]), rng.fork("halves"));
  const predicted = await correlationOf(await learn(half, kept.critic, "half critic"), rest);
  const isChance = predicted < chance(rest.importances.length);
  const metrics = { "critics/predicted": predicted, "critics/undecided": Number(isChance) };
  if (isChance) return { metrics };

  // 2. The server's own critic learns what they said of this set and the last.
  const sets = kept.taught ? [kept.taught, taught] : [taught];
  const critic = await learn(spokenOf(sets), kept.critic, "critic");

  // 3. Rows by their weights.
  const rows = resampled(
    sets.flatMap((set) => [...set.weights.data]),
    lessonRows,
    rng.fork("lesson"),
  );
  const prompts = sets.flatMap((set) => set.prompts);
  const images = concatenateRows(sets.map((set) => set.images));
  return {
    metrics,
    lesson: {
      samples: {
        images: takeRows(images, rows),
        captions: rows.map((row) => prompts[row]),
        weights: rows.map(() => 1),
      },
      replay: await replayOf(critic, replayed, env),
      kept: { critic, taught },
    },
  };
}

/** Correlations below this are chance: of so many pictures without a relation, one set in a hundred has more. */
const chance = (pictures: number) => 2.3 / Math.sqrt(pictures);

/** The round's set with its weights. */
function taughtOf(round: Round, importances: TensorOf<"f32">, verdict: Verdict): Taught {
  const { images, set } = round;
  const { prompts, labels } = set;
  const weights = f32([labels.length], lessonWeights(set, importances, verdict));
  return { images, prompts, labels, importances, weights };
}

/** w̄'_i p̄_{i,y_i} (N,): how often a picture is in the lesson, compared with the others. */
export function lessonWeights(
  { labels, classes }: Round["set"],
  importances: TensorOf<"f32">,
  verdict: Verdict,
): Float32Array {
  const seen = rowsOf({ seen: verdict.seen }, "seen");
  const balanced = balancedWithin(importances.data, labels, classes);
  return Float32Array.from(balanced, (w, i) => w * seen[i][labels[i]]);
}

type Spoken = Painted & { readonly importances: readonly number[] };

/** The pictures of which somebody speaks. */
function spokenOf(sets: readonly Taught[]): Spoken {
  const importances = sets.flatMap((set) => [...set.importances.data]);
  const labels = sets.flatMap((set) => set.labels);
  const rows = importances.flatMap((w, row) => (w > 0 ? [row] : []));
  return rowsOfSpoken(
    { images: concatenateRows(sets.map((set) => set.images)), labels, importances },
    rows,
  );
}

const rowsOfSpoken = (
  { images, labels, importances }: Spoken,
  rows: readonly number[],
): Spoken => ({
  images: takeRows(images, rows),
  labels: rows.map((row) => labels[row]),
  importances: rows.map((row) => importances[row]),
});

function halvesOf(spoken: Spoken, rng: Rng): readonly [Spoken, Spoken] {
  const order = [...rng.permutation(spoken.importances.length)];
  const middle = Math.ceil(order.length / 2);
  return [rowsOfSpoken(spoken, order.slice(0, middle)), rowsOfSpoken(spoken, order.slice(middle))];
}

/** Of the critic's g with log w̄, over the pictures of a class; 0 of too few. */
async function correlationOf(critic: Arrays, spoken: Spoken): Promise<number> {
  if (spoken.importances.length < 2) return 0;
  const said = await criticise(critic, spoken.images, spoken.labels);
  const { labels } = spoken;
  return correlationWithin(Array.from(labels), said, spoken.importances.map(logOf));
}

async function replayOf(
  critic: Arrays,
  known: readonly number[],
  { teacher, rng }: ServerEnv,
): Promise<readonly number[]> {
  if (known.length === 0) return [];
  const { images, labels } = teacher.publicSet;
  const set = { images: takeRows(images, known), labels: known.map((row) => labels[row]) };
  const weights = await importancesBy(critic, set);
  return resampled(weights, known.length, rng.fork("replay")).map((i) => known[i]);
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
