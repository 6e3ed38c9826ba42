import { modalitiesOf } from "@tandem/core/data";
import type { JsonObject } from "@tandem/core/json";
import type { Payload } from "@tandem/core/payload";
import type { ClientInfo, Gallery, GalleryItem, ServerEnv } from "@tandem/core/strategy";
import { type Arrays, arrayOf, type TensorOf } from "@tandem/core/tensor";

/** How a round's set is painted: the fields `syntheticSet` of a configuration. */
export type SetConfig = {
  readonly items: number;
  readonly samplingSteps: number;
  readonly guidance: number;
};

/** What the state says of its synthetic set. */
export type SetMeta = {
  readonly set: number;
  /** C of the experiment, whatever labels the set happens to hold. */
  readonly classes: number;
  readonly prompts: readonly string[];
  readonly captions: readonly string[];
  readonly labels: readonly number[];
};
export const setMeta = (meta: JsonObject): SetMeta => meta as unknown as SetMeta; // by `paintSet`

/** Paints the round's set with an equal share of each class; without an adapter the base paints. */
export async function paintSet(
  config: SetConfig,
  { round, classes, teacher, rng, signal, progress }: ServerEnv,
  adapter: Arrays = {},
): Promise<{ readonly images: TensorOf<"u8">; readonly meta: SetMeta }> {
  const { prompts, captions, labels } = teacher.publicSet;
  const chosen = drawPrompts(labels, classes.length, config.items, rng.fork("prompts"));
  const of = <T>(list: readonly T[]) => chosen.map((row) => list[row]);
  const images = await teacher.generate(
    {
      prompts: of(prompts),
      seed: rng.fork("noise").integer(2 ** 31),
      ...(Object.keys(adapter).length > 0 && { adapter }),
      steps: config.samplingSteps,
      guidance: config.guidance,
    },
    { signal, progress },
  );
  return {
    images,
    meta: {
      set: round,
      classes: classes.length,
      prompts: of(prompts),
      captions: of(captions),
      labels: of(labels),
    },
  };
}

/** The same number of prompts for each class, drawn with replacement among its public captions. */
function drawPrompts(
  labels: readonly number[],
  classes: number,
  count: number,
  rng: ServerEnv["rng"],
): readonly number[] {
  const byClass = Array.from({ length: classes }, (_, c) =>
    labels.flatMap((label, row) => (label === c ? [row] : [])),
  ).filter((rows) => rows.length > 0);
  return Array.from({ length: count }, (_, i) => {
    const rows = byClass[i % byClass.length];
    return rows[rng.integer(rows.length)];
  });
}

/** The state's set as an instruction: without its pictures for who only reads. */
export function setFor(state: Payload, { modality }: ClientInfo): Payload {
  const { set, captions, labels } = setMeta(state.meta);
  const sees = modalitiesOf(modality).includes("image");
  return {
    arrays: sees ? { images: arrayOf(state.arrays, "images", "u8") } : {},
    meta: { set, captions, labels },
    encoding: sees ? { images: "png" } : {},
  };
}

/** The state's set with what is known of item i, if there is a set. */
export function galleryOf(
  { arrays, meta }: Payload,
  known: (i: number) => Partial<GalleryItem> = () => ({}),
): Gallery | undefined {
  if (!("images" in arrays)) return undefined;
  const { prompts, labels } = setMeta(meta);
  return {
    images: "images",
    items: prompts.map((prompt, i) => ({ prompt, label: labels[i], ...known(i) })),
  };
}
