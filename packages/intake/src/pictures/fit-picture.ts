import type { PictureFormat } from "@tandem/core/task";
import type { Raster } from "./decoder";

/** Sides of what decoders hand over, in sides of the picture: enough for the last step to smooth. */
export const oversampling = 4;

/**
 * (size, size, 3): the whole picture in the middle of the task's background. Not its middle cut out:
 * what a picture is of may lie at its edge. Grey by the luma of ITU-R BT.601.
 */
export function fitPicture(
  raster: Raster,
  { size, colour, background }: Omit<PictureFormat, "size"> & { readonly size: number },
): Uint8Array {
  const scale = size / Math.max(raster.width, raster.height);
  const width = Math.max(1, Math.round(raster.width * scale));
  const height = Math.max(1, Math.round(raster.height * scale));
  const rows = filterOf(raster.height, height);
  const columns = filterOf(raster.width, width);
  const narrow = resampled(raster.data, raster.height, raster.width, columns);
  // Rows and columns change places in each pass: after two they are back.
  const scaled = resampled(narrow, width, raster.height, rows);
  const pixels = new Uint8Array(size * size * 3).fill(background);
  const [top, left] = [Math.floor((size - height) / 2), Math.floor((size - width) / 2)];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = 3 * (y * width + x);
      const [red, green, blue] = scaled.subarray(from, from + 3);
      const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
      const value = colour ? [red, green, blue] : [luma, luma, luma];
      pixels.set(value.map(Math.round), 3 * ((y + top) * size + x + left));
    }
  return pixels;
}

/** Of each target, its first source and the weights of that and the following. */
type Filter = readonly { readonly first: number; readonly weights: Float64Array }[];

/** A triangle over two targets' width: linear where it enlarges, and no aliasing where it reduces. */
function filterOf(sources: number, targets: number): Filter {
  const step = sources / targets;
  const reach = Math.max(1, step);
  return Array.from({ length: targets }, (_, target) => {
    const centre = (target + 0.5) * step - 0.5;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(sources - 1, Math.floor(centre + reach));
    const weights = Float64Array.from({ length: last - first + 1 }, (_, i) =>
      Math.max(0, 1 - Math.abs(first + i - centre) / reach),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/** (height, width, 3) to (targets, height, 3), filtered along the width. */
function resampled(data: ArrayLike<number>, height: number, width: number, filter: Filter) {
  const out = new Float64Array(filter.length * height * 3);
  for (const [target, { first, weights }] of filter.entries())
    for (let y = 0; y < height; y++)
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let i = 0; i < weights.length; i++)
          sum += weights[i] * data[3 * (y * width + first + i) + channel];
        out[3 * (target * height + y) + channel] = sum;
      }
  return out;
}
