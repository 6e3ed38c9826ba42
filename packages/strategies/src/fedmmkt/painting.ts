import type { ServerEnv } from "@tandem/core/strategy";
import { type TensorOf, takeRows } from "@tandem/core/tensor";
import { type PaintedSet, paintSet } from "../synthetic-set/painted-set";
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
  if (config.candidates > 1 && !isNone(kept.critic)) return drawnFromMany(config, kept, env);
  const { images, meta } = await paintSet(config, env, kept.adapter);
  return { images, set: meta };
}

/** Of several candidates an item, more of those that the clients' critics would take for their own. */
async function drawnFromMany(
  config: FedmmktConfig,
  { adapter, critic }: Kept,
  env: ServerEnv,
): Promise<PaintedRound> {
  const { items, candidates } = config;
  const { images, meta } = await paintSet({ ...config, items: items * candidates }, env, adapter);
  const { labels, prompts, captions, asked } = meta;
  const wanted = labels.slice(0, items); // classes come in turn
  const countOf = (label: number) => wanted.filter((own) => own === label).length;
  const rng = env.rng.fork("candidates");
  const drawn = await drawnBy(critic, { images, labels }, countOf, rng);
  const of = <T>(list: readonly T[]) => drawn.map((i) => list[i]);
  return {
    images: takeRows(images, drawn),
    set: {
      ...meta,
      prompts: of(prompts),
      captions: of(captions),
      labels: of(labels),
      ...(asked && { asked: of(asked) }),
    },
  };
}
