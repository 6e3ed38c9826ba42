import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf, TandemError } from "@tandem/core/errors";
import type { TensorOf } from "@tandem/core/tensor";
import { pixelsOf } from "@tandem/diffusion/painters/decode-picture";
import { encodeSheet, fitsSheet } from "@tandem/protocol/sheet";
import sharp from "sharp";
import { listPictures, type Skipped } from "./captions";

export type CaptionedPictures = {
  /** (N, h, w, 3). */
  readonly images: TensorOf<"u8">;
  readonly captions: readonly string[];
  /** What else lies in the folder. */
  readonly skipped: readonly Skipped[];
};

/** A folder's captioned pictures, cut to `size`; those that cannot be read are refused by name. */
export async function readPictures(
  directory: string,
  [height, width]: readonly [number, number],
): Promise<CaptionedPictures> {
  const { pictures, skipped } = await listPictures(directory);
  if (pictures.length === 0)
    throw new TandemError("not-found", `${directory} holds no pictures${skippedText(skipped)}`);
  const data = new Uint8Array(pictures.length * height * width * 3);
  const broken: string[] = [];
  for (const [row, { file }] of pictures.entries())
    try {
      const bytes = await readFile(join(directory, file));
      data.set(await pixelsOf(bytes, { height, width, fit: "cover" }), row * height * width * 3);
    } catch (error) {
      broken.push(
        `${join(directory, file)} cannot be read: ${messageOf(error).replace(/\s+/g, " ")}`,
      );
    }
  if (broken.length > 0)
    throw new TandemError(
      "bad-data",
      `${broken.join("\n")}\nJPEG, PNG, WebP, GIF, TIFF, AVIF and SVG can; convert or remove what is none.`,
    );
  return {
    images: { dtype: "u8", shape: [pictures.length, height, width, 3], data },
    captions: pictures.map(({ caption }) => caption),
    skipped,
  };
}

const maxNamed = 20;

/** "; 1 left out: notes.md (no picture by its name)", or nothing. */
export function skippedText(skipped: readonly Skipped[]): string {
  if (skipped.length === 0) return "";
  const named = skipped.slice(0, maxNamed).map(({ file, reason }) => `${file} (${reason})`);
  const rest = skipped.length > maxNamed ? ` and ${skipped.length - maxNamed} more` : "";
  return `; ${skipped.length} left out: ${named.join(", ")}${rest}`;
}

/** Pictures (N, h, w, 3) side by side, in the format that the file's ending names. */
export async function writePictures(path: string, images: TensorOf<"u8">): Promise<void> {
  if (!fitsSheet(images.shape))
    throw new TandemError("bad-config", `[${images.shape}] does not fit one sheet: paint fewer`);
  await mkdir(dirname(path), { recursive: true });
  await sharp(encodeSheet(images)).toFile(path);
}
