import type { LabelledSet } from "@tandem/core/data";
import { isPresent } from "@tandem/core/presence";
import type { PreviewSample } from "./messages";

/** Evenly spread samples for their owner to look at. */
export function previewOf(
  set: LabelledSet,
  classes: readonly string[],
  count = 12,
): readonly PreviewSample[] {
  const step = Math.max(1, Math.floor(set.size / count));
  return Array.from({ length: Math.min(count, set.size) }, (_, i) =>
    sampleOf(set, classes, i * step),
  );
}

/** One row of a set, for a page to draw. */
export function sampleOf(set: LabelledSet, classes: readonly string[], row: number): PreviewSample {
  const caption = set.captions?.[row];
  return {
    label: classes[set.labels[row]],
    ...(caption !== undefined && isPresent(set, "text", row) && { caption }),
    ...(set.images && isPresent(set, "image", row) && { picture: pictureOf(set.images, row) }),
  };
}

function pictureOf(images: NonNullable<LabelledSet["images"]>, row: number) {
  const side = images.shape[1];
  const pixels = side * side;
  const rgba = new Uint8ClampedArray(pixels * 4).fill(255);
  for (let i = 0; i < pixels; i++)
    for (let c = 0; c < 3; c++) rgba[i * 4 + c] = images.data[(row * pixels + i) * 3 + c];
  return { side, rgba };
}
