import { messageOf, TandemError } from "@tandem/core/errors";
import sharp from "sharp";

const formats = ["png", "jpeg", "webp"];
const limitInputPixels = 4096 * 4096;
const background = "#ffffff";

/**
 * (size, size, 3) bytes of a PNG, JPEG or WebP file, fitted into a white square. Throws `bad-data`
 * for anything else, and for a file that is cut off or has more than 4096 x 4096 pixels.
 */
export async function decodePicture(file: Uint8Array, size: number): Promise<Uint8Array> {
  try {
    const picture = sharp(file, { limitInputPixels, failOn: "error" });
    const { format } = await picture.metadata();
    if (!formats.includes(format)) throw new Error(`${format} is none of ${formats.join(", ")}`);
    const pixels = await picture
      .flatten({ background })
      .resize(size, size, { fit: "contain", background })
      .toColourspace("srgb")
      .removeAlpha()
      .raw()
      .toBuffer();
    return new Uint8Array(pixels);
  } catch (error) {
    throw new TandemError("bad-data", `${file.length} bytes are no picture: ${messageOf(error)}`);
  }
}
