import { mkdir, readdir, readFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import type { TensorOf } from "@tandem/core/tensor";
import { encodeSheet, fitsSheet } from "@tandem/protocol/sheet";
import sharp from "sharp";

export type CaptionedPictures = {
  /** (N, h, w, 3). */
  readonly images: TensorOf<"u8">;
  readonly captions: readonly string[];
};

const kinds = [".png", ".jpg", ".jpeg", ".webp"];
const metadataName = "metadata.jsonl";

/**
 * A folder of pictures, cut to `size`, with captions from metadata.jsonl (`file_name` and `text`,
 * as Hugging Face's datasets have it) or from a .txt file beside each.
 */
export async function readPictures(
  directory: string,
  [height, width]: readonly [number, number],
): Promise<CaptionedPictures> {
  const names = await readdir(directory).catch((cause) => {
    throw new TandemError("not-found", `there is no folder ${directory}`, { cause });
  });
  const listed = names.includes(metadataName)
    ? parseMetadata(await readFile(join(directory, metadataName), "utf8"), directory)
    : await besideTexts(directory, names);
  if (listed.length === 0)
    throw new TandemError("not-found", `${directory} holds no pictures (${kinds.join(", ")})`);
  const data = new Uint8Array(listed.length * height * width * 3);
  for (const [row, { file }] of listed.entries()) {
    const pixels = await sharp(join(directory, file))
      .rotate() // as the camera was held
      .resize(width, height, { fit: "cover" })
      .flatten({ background: "white" })
      .toColourspace("srgb")
      .raw()
      .toBuffer()
      .catch((cause: unknown) => {
        throw new TandemError("bad-data", `${join(directory, file)} cannot be read: ${cause}`);
      });
    data.set(pixels, row * height * width * 3);
  }
  return {
    images: { dtype: "u8", shape: [listed.length, height, width, 3], data },
    captions: listed.map(({ caption }) => caption),
  };
}

type Listed = readonly { readonly file: string; readonly caption: string }[];

function parseMetadata(text: string, directory: string): Listed {
  return text.split("\n").flatMap((line, i) => {
    if (line.trim() === "") return [];
    const where = `${join(directory, metadataName)}, line ${i + 1}`;
    let entry: { readonly file_name?: unknown; readonly text?: unknown } | null;
    try {
      entry = JSON.parse(line);
    } catch (cause) {
      throw new TandemError("bad-data", `${where} is not JSON`, { cause });
    }
    const { file_name: file, text: caption } = entry ?? {};
    if (typeof file !== "string" || typeof caption !== "string")
      throw new TandemError("bad-data", `${where}: "file_name" or "text" is missing`);
    if (basename(file) !== file)
      throw new TandemError("bad-data", `${where}: ${file} is not in the folder itself`);
    return [{ file, caption }];
  });
}

async function besideTexts(directory: string, names: readonly string[]): Promise<Listed> {
  const pictures = names.filter((name) => kinds.includes(extname(name).toLowerCase())).sort();
  return Promise.all(
    pictures.map(async (file) => {
      const text = `${file.slice(0, -extname(file).length)}.txt`;
      const caption = await readFile(join(directory, text), "utf8").catch((cause) => {
        throw new TandemError(
          "not-found",
          `${file} has no caption: write ${join(directory, text)}, or ${metadataName}`,
          { cause },
        );
      });
      return { file, caption: caption.trim() };
    }),
  );
}

/** Pictures (N, h, w, 3) side by side, in the format that the file's ending names. */
export async function writePictures(path: string, images: TensorOf<"u8">): Promise<void> {
  if (!fitsSheet(images.shape))
    throw new TandemError("bad-config", `[${images.shape}] does not fit one sheet: paint fewer`);
  await mkdir(dirname(path), { recursive: true });
  await sharp(encodeSheet(images)).toFile(path);
}
