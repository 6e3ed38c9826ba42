import type { PicturesOf } from "@tandem/client/kept-study";
import type { PictureFormat } from "@tandem/core/task";
import { type TensorOf, u8 } from "@tandem/core/tensor";
import type { PickedFile } from "@tandem/intake/files/browser-files";
import type { LeftOut, Picture } from "@tandem/intake/intake";
import { openIntake } from "@tandem/intake/open-intake";
import type { WorkOptions } from "./use-work";

export type PicturesRead = {
  readonly pictures: readonly Picture[];
  readonly leftOut: readonly LeftOut[];
};

/** Pictures as the model's own are, decoded beside the page; files that are none are named. */
export async function readPictures(
  files: readonly PickedFile[],
  { size, colour, background }: PicturesOf,
  { signal, progress }: WorkOptions,
): Promise<PicturesRead> {
  const worker = new Worker(new URL("./intake-worker.ts", import.meta.url), { type: "module" });
  try {
    const pictures = { size: size as PictureFormat["size"], colour, background };
    const { reading } = await openIntake(worker).read(files, {
      task: { classes: [], modalities: ["image"], pictures },
      signal,
      progress: (told) => progress(told.filesDone / Math.max(1, told.files)),
    });
    return reading;
  } finally {
    worker.terminate();
  }
}

/** (N, size, size, 3) of pictures of one size. */
export function stacked(pictures: readonly Picture[], size: number): TensorOf<"u8"> {
  const length = size * size * 3;
  const data = new Uint8Array(pictures.length * length);
  for (const [i, { pixels }] of pictures.entries()) data.set(pixels, i * length);
  return u8([pictures.length, size, size, 3], data);
}

/** For a canvas. */
export function drawn(pixels: Uint8Array, side: number) {
  const rgba = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let i = 0; i < side * side; i++) rgba.set(pixels.subarray(3 * i, 3 * i + 3), 4 * i);
  return { side, rgba };
}
