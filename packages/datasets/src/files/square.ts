import type { Sharp } from "sharp";

const white = "#ffffff";

/** (size, size, 3) bytes of a picture fitted into a white square. */
export async function toSquare(picture: Sharp, size: number): Promise<Uint8Array> {
  return picture
    .resize(size, size, { fit: "contain", background: white })
    .flatten({ background: white })
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer();
}
