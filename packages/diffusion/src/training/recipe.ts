import type { Rng } from "@tandem/core/rng";
import { concatenateRows, type TensorOf, takeRows, u8 } from "@tandem/core/tensor";
import type { Vocabulary } from "@tandem/core/tokenizer";
import type { SessionOptions } from "@tandem/graph/onnx-session";
import type { DiffusionModel } from "../diffusion-model";
import { createLatents } from "../latents";
import { shifted } from "./augment";
import type { TrainingSample } from "./batch";
import type { SmallBaseOptions } from "./small-base";

/** What a base is trained on, and its shape. */
export type Recipe = {
  /** (N, h, w, 3). */
  readonly images: TensorOf<"u8">;
  readonly captions: readonly string[];
  /** Pictures also lie up to so many pixels away, with this grey level around them. */
  readonly shift: { readonly pixels: number; readonly background: number };
  /** Draws the row of a sample. */
  draw(rng: Rng): number;
  /** The caption as one sample of this row shows it. */
  caption(text: string, rng: Rng, row: number): string;
  readonly vocabulary: Vocabulary;
  readonly model: BaseShape;
};
export type BaseShape = Omit<SmallBaseOptions, "vocabulary" | "side" | "seed">;

/** Of bases for pictures of 16 pixels, and of those for larger ones. */
export const baseShapes = {
  small: { widths: [40, 80], textWidth: 48, textLayers: 1, textLength: 8 },
  large: { widths: [48, 96], textWidth: 96, textLayers: 2, textLength: 18 },
} as const satisfies Readonly<Record<string, BaseShape>>;

/** Draws a row of any label as often as one of another: the labels that there are take equal shares. */
export function evenly(labels: ArrayLike<number>): (rng: Rng) => number {
  const rowsOf = new Map<number, number[]>();
  for (const [row, label] of Array.from(labels).entries()) {
    const rows = rowsOf.get(label) ?? [];
    rows.push(row);
    rowsOf.set(label, rows);
  }
  const all = [...rowsOf].sort(([a], [b]) => a - b).map(([, rows]) => rows);
  return (rng) => {
    const rows = all[rng.integer(all.length)];
    return rows[rng.integer(rows.length)];
  };
}

/** Draws samples of a recipe, as latents, each picture in all the places that it may lie in. */
export async function samplesOf(
  { images, captions, shift, draw, caption }: Omit<Recipe, "vocabulary" | "model">,
  model: Pick<DiffusionModel, "codec" | "weights">,
  options: SessionOptions,
) {
  const side = images.shape[1];
  const offsets = Array.from({ length: 2 * shift.pixels + 1 }, (_, i) => i - shift.pixels);
  const places = offsets.flatMap((dx) => offsets.map((dy) => [dx, dy] as const));
  // (places N, C, h, w)
  const moved = concatenateRows(
    places.map((by) =>
      concatenateRows(
        Array.from(captions, (_, row): TensorOf<"u8"> => {
          const { shape, data } = takeRows(images, [row]);
          return u8(shape, shifted(data, { side, by, background: shift.background }));
        }),
      ),
    ),
  );
  const codec = createLatents(model, options);
  const { data, shape } = await codec.encode(moved, 64);
  await codec.close();
  const stride = data.length / moved.shape[0];
  return {
    latents: [shape[1], shape[2], shape[3]] as const,
    sample(rng: Rng): TrainingSample {
      const row = draw(rng);
      const place = (rng.integer(places.length) * captions.length + row) * stride;
      return {
        latents: data.subarray(place, place + stride),
        caption: caption(captions[row], rng, row),
        weight: 1,
      };
    },
  };
}
