import { modalitiesOf } from "@tandem/core/data";
import type { Payload } from "@tandem/core/payload";
import type { ClientInfo, Gallery, GalleryItem, ServerEnv } from "@tandem/core/strategy";
import { type Arrays, arrayOf, type TensorOf } from "@tandem/core/tensor";
import { fewerColours } from "./fewer-colours";

/** How a round's set is painted: the fields `syntheticSet` of a configuration. */
export type SetConfig = {
  readonly items: number;
  readonly samplingSteps: number;
  readonly guidance: number;
  readonly colours: number;
};

/** What the state says of its synthetic set. */
export type PaintedSet = {
  readonly set: number;
  /** C of the experiment, whatever labels the set happens to hold. */
  readonly classes: number;
  readonly prompts: readonly string[];
  readonly captions: readonly string[];
  readonly labels: readonly number[];
  /** What was painted from, where some of the prompts were asked for in a style. */
  readonly asked?: readonly string[];
};
export const paintedSet = ({ meta }: Pick<Payload, "meta">): PaintedSet =>
  meta as unknown as PaintedSet; // by `paintSet`

/** Paints the round's set, an equal share of each class; without an adapter the base paints. */
export async function paintSet(
  config: SetConfig,
  env: ServerEnv,
  adapter: Arrays = {},
): Promise<{ readonly images: TensorOf<"u8">; readonly meta: PaintedSet }> {
  const { labels } = env.teacher.publicSet;
  const held = rowsByClass(labels, [...labels.keys()], env.classes.length);
  const rows = drawPrompts(held, evenly(held, config.items), env.rng.fork("prompts"));
  const asked = inStyles(env, rows);
  const images = await paintPrompts(config, env, asked, adapter);
  return {
    images,
    meta: { ...describeSet(env, rows), ...(env.teacher.publicSet.styles && { asked }) },
  };
}

/** The rows' prompts; half of them, by chance, in a style, so that rare ones are among the pictures. */
function inStyles({ teacher, rng }: ServerEnv, rows: readonly number[]): readonly string[] {
  const { prompts, styles = [] } = teacher.publicSet;
  const draw = rng.fork("styles");
  return rows.map((row) =>
    styles.length > 0 && draw.uniform() < 0.5
      ? `${styles[draw.integer(styles.length)]} ${prompts[row]}`
      : prompts[row],
  );
}

/** Pictures as all will see them. */
async function paintPrompts(
  config: SetConfig,
  { teacher, rng, signal, progress }: ServerEnv,
  prompts: readonly string[],
  adapter: Arrays,
): Promise<TensorOf<"u8">> {
  const images = await teacher.generate(
    {
      prompts,
      seed: rng.fork("noise").integer(2 ** 31),
      ...(Object.keys(adapter).length > 0 && { adapter }),
      steps: config.samplingSteps,
      guidance: config.guidance,
    },
    { signal, progress },
  );
  return config.colours > 0 ? fewerColours(images, config.colours) : images;
}

export function describeSet(
  { round, classes, teacher }: ServerEnv,
  rows: readonly number[],
): PaintedSet {
  const { prompts, captions, labels } = teacher.publicSet;
  const of = <T>(list: readonly T[]) => rows.map((row) => list[row]);
  return {
    set: round,
    classes: classes.length,
    prompts: of(prompts),
    captions: of(captions),
    labels: of(labels),
  };
}

/** Those of the rows that are of class c, for each c. */
export const rowsByClass = (
  labels: readonly number[],
  rows: readonly number[],
  classes: number,
): readonly (readonly number[])[] =>
  Array.from({ length: classes }, (_, c) => rows.filter((row) => labels[row] === c));

/** The class of each of `count` items: in turn those that have rows. */
export function evenly(byClass: readonly (readonly number[])[], count: number): readonly number[] {
  const present = byClass.flatMap((rows, c) => (rows.length > 0 ? [c] : []));
  return Array.from({ length: count }, (_, i) => present[i % present.length]);
}

/** A row for each of these classes, drawn with replacement. */
export const drawPrompts = (
  byClass: readonly (readonly number[])[],
  classes: readonly number[],
  rng: ServerEnv["rng"],
): readonly number[] => classes.map((c) => byClass[c][rng.integer(byClass[c].length)]);

/** The state's set as an instruction: without its pictures for who only reads. */
export function askAbout(state: Payload, { modality }: ClientInfo): Payload {
  const { set, captions, labels } = paintedSet(state);
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
  const { prompts, labels, asked = prompts } = paintedSet({ meta });
  return {
    images: "images",
    items: asked.map((prompt, i) => ({ prompt, label: labels[i], ...known(i) })),
  };
}
