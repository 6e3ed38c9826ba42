import type { ServerEnv } from "@tandem/core/strategy";
import { type TensorOf, takeRows } from "@tandem/core/tensor";
import {
  describeSet,
  drawPrompts,
  evenly,
  type PaintedSet,
  paintRows,
  paintSet,
  rowsByClass,
} from "../synthetic-set/painted-set";
import type { FedmmktConfig } from "./config";
import { drawnBy } from "./critics/server";
import { type FedmmktState, isNone, type Kept } from "./state";

export type PaintedRound = { readonly images: TensorOf<"u8">; readonly set: PaintedSet };

/** The round's set, by the base and its adapter (docs/algorithm.md A2). */
export async function paintRound(
  config: FedmmktConfig,
  { kept }: FedmmktState,
  env: ServerEnv,
): Promise<PaintedRound> {
  if (config.candidates > 1 && !isNone(kept.critic)) return bestOfMany(config, kept, env);
  const { images, meta } = await paintSet(config, env, kept.adapter);
  return { images, set: meta };
}

/** Of several candidates an item, those that the clients' critics would take for their own. */
async function bestOfMany(
  config: FedmmktConfig,
  { adapter, critic }: Kept,
  env: ServerEnv,
): Promise<PaintedRound> {
  const { labels } = env.teacher.publicSet;
  const byClass = rowsByClass(labels, [...labels.keys()], env.classes.length);
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
  };
}
