import type { Rng } from "@tandem/core/rng";
import type { ServerEnv } from "@tandem/core/strategy";
import { concatenateRows, type TensorOf, takeRows } from "@tandem/core/tensor";
import {
  describeSet,
  drawPrompts,
  evenly,
  type PaintedSet,
  paintRows,
  rowsByClass,
} from "../synthetic-set/painted-set";
import type { FedmmktConfig } from "./config";
import { drawnBy } from "./critics/server";
import { classNoise } from "./options/latents";
import { trialOf } from "./options/trial";
import { promptShares, quotas, splitPrompts } from "./prompts";
import { type FedmmktState, isNone, type Kept, type Pair } from "./state";

export type PaintedRound = {
  readonly images: TensorOf<"u8">;
  readonly set: PaintedSet;
  /** Items of one prompt by this adapter and by the one before; none where there is no trial. */
  readonly pairs: readonly Pair[];
};

/**
 * The round's set. In a trial each prompt is painted twice, by the adapter and by the one before, in an
 * order that does not tell which is which (docs/algorithm.md A2, A8).
 */
export async function paintRound(
  config: FedmmktConfig,
  { kept }: FedmmktState,
  env: ServerEnv,
): Promise<PaintedRound> {
  const { adapter } = kept;
  const isTrial = config.abTest && trialOf(kept).isOpen;
  const count = isTrial ? Math.ceil(config.items / 2) : config.items;
  const rows = promptRows(config, kept, env, count);
  if (!isTrial) {
    const set = describeSet(env, rows);
    const { teacher } = env;
    if (config.candidates > 1 && !isNone(kept.critic)) return bestOfMany(config, kept, env);
    const rng = env.rng.fork("latents");
    const noise = classNoise(config, kept.latents, set.labels, { teacher, rng });
    return { images: await paintRows(config, env, rows, { adapter, noise }), set, pairs: [] };
  }
  const again = rows.slice(0, Math.floor(config.items / 2));
  const half = (from: number): ServerEnv => ({
    ...env,
    progress: (share, note) => env.progress(from + share / 2, note),
  });
  const images = concatenateRows([
    await paintRows(config, half(0), rows, { adapter }),
    await paintRows(config, half(0.5), again, {
      adapter: kept.previous,
      stream: "noise/previous",
    }),
  ]);
  const { order, pairs } = shuffledPairs(rows.length, again.length, env.rng.fork("trial"));
  const all = [...rows, ...again];
  return {
    images: takeRows(images, order),
    set: describeSet(
      env,
      Array.from(order, (i) => all[i]),
    ),
    pairs,
  };
}

/** Of several candidates an item, those that the clients' critics would take for their own. */
async function bestOfMany(
  config: FedmmktConfig,
  { adapter, critic }: Kept,
  env: ServerEnv,
): Promise<PaintedRound> {
  const { labels } = env.teacher.publicSet;
  const { seen } = splitPrompts(env.teacher.publicSet, config.heldOutShare);
  const byClass = rowsByClass(labels, seen, env.classes.length);
  const wanted = evenly(byClass, config.items);
  const rows = drawPrompts(
    byClass,
    evenly(byClass, config.items * config.candidates),
    env.rng.fork("prompts"),
  );
  const images = await paintRows(config, env, rows, { adapter });
  const countOf = (label: number) => wanted.filter((own) => own === label).length;
  const best = await drawnBy(
    critic,
    { images, labels: rows.map((row) => labels[row]) },
    countOf,
    env.rng.fork("candidates"),
  );
  return {
    images: takeRows(images, best),
    set: describeSet(
      env,
      best.map((i) => rows[i]),
    ),
    pairs: [],
  };
}

/** Item p is picture order[p] of the `current` and then the `previous`; pairs name items. */
function shuffledPairs(current: number, previous: number, rng: Rng) {
  const order = rng.permutation(current + previous);
  const itemOf = new Int32Array(order.length);
  order.forEach((picture, item) => {
    itemOf[picture] = item;
  });
  const pairs = Array.from({ length: previous }, (_, i): Pair => [itemOf[i], itemOf[current + i]]);
  return { order, pairs };
}

/**
 * Public rows to paint: no held-out prompt, and more of the classes that the clients see worse where
 * that is asked for (docs/algorithm.md A2).
 */
function promptRows(
  config: FedmmktConfig,
  { accuracies }: Kept,
  { classes, teacher, rng }: ServerEnv,
  count: number,
): readonly number[] {
  const { labels } = teacher.publicSet;
  const { seen } = splitPrompts(teacher.publicSet, config.heldOutShare);
  const byClass = rowsByClass(labels, seen, classes.length);
  const isEven = config.promptDistribution === "uniform" || !accuracies;
  const asked = isEven ? evenly(byClass, count) : unevenly(byClass, accuracies, count);
  return drawPrompts(byClass, asked, rng.fork("prompts"));
}

/** The class of each item, by the classes' shares π; a class without rows has none. */
function unevenly(
  byClass: readonly (readonly number[])[],
  accuracies: readonly number[],
  count: number,
): readonly number[] {
  const present = byClass.flatMap((rows, c) => (rows.length > 0 ? [c] : []));
  const shares = promptShares(present.map((c) => accuracies[c]));
  return quotas(shares, count).flatMap((quota, i) => new Array<number>(quota).fill(present[i]));
}
