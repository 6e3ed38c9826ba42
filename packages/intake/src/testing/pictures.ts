import sharp, { type Sharp } from "sharp";
import type { SlicedFile } from "../files/source-file";
import { slicedFile } from "../files/source-file";

/** A file of these bytes. */
export const fileOf = (path: string, bytes: Uint8Array | string): SlicedFile => {
  const all = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  return slicedFile(path, all.length, async (from, to) => all.slice(from, to));
};

/** A smooth picture that its seed tells from others: (height, width, channels). */
export function painting(width: number, height: number, seed = 0, channels: 3 | 4 = 3) {
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = channels * (y * width + x);
      data[at] = (255 * x) / width;
      data[at + 1] = (255 * y) / height;
      data[at + 2] = (seed * 37) % 256;
      if (channels === 4) data[at + 3] = x < width / 2 ? 255 : 0;
    }
  return sharp(data, { raw: { width, height, channels } });
}

export const bytesOfPicture = async (picture: Sharp): Promise<Uint8Array> =>
  new Uint8Array(await picture.toBuffer());

/** A BMP of one colour, 24 bits a pixel. */
export function bitmap(width: number, height: number, [red, green, blue]: readonly number[]) {
  const row = 4 * Math.ceil((width * 3) / 4);
  const bytes = new Uint8Array(54 + row * height);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  for (const [at, value] of [
    [2, bytes.length],
    [10, 54],
    [14, 40],
    [18, width],
    [22, height],
    [34, row * height],
  ])
    view.setUint32(at, value, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) bytes.set([blue, green, red], 54 + y * row + 3 * x);
  return bytes;
}
