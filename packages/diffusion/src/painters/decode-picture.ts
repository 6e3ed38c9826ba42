import { messageOf, TandemError } from "@tandem/core/errors";
import sharp, { type Sharp } from "sharp";

const remoteFormats = ["png", "jpeg", "webp"];
const maxPixels = 16_383 * 16_383; // sharp's own bound
const maxRemotePixels = 4096 * 4096;
const background = "#ffffff";

export type PictureFrame = {
  readonly height: number;
  readonly width: number;
  /** Cut to the frame, or fitted into it on white. */
  readonly fit: "cover" | "contain";
};

/** What sharp refuses in a picture, with what it does not say. */
function refusalOf(file: Uint8Array, error: unknown, maxPixels: number): string {
  // ASCII; sharp's build has no reader for it
  if (file[0] === 0x42 && file[1] === 0x4d) return "a BMP picture is not read: save it as PNG";
  const message = messageOf(error);
  return /exceeds pixel limit/.test(message) ? `${message}, ${maxPixels}: scale it down` : message;
}

/**
 * (height, width, 3) bytes in sRGB of a picture file: JPEG, PNG, WebP, GIF, TIFF, AVIF or SVG, by its
 * content; the first frame, turned as EXIF says, on white. Throws `bad-data` for what is none, cut
 * off, or has more than 16,383 x 16,383 pixels.
 */
export const pixelsOf = (file: Uint8Array, frame: PictureFrame): Promise<Uint8Array> =>
  framed(sharp(file, { limitInputPixels: maxPixels, failOn: "error" }), frame).catch((error) => {
    throw new TandemError("bad-data", refusalOf(file, error, maxPixels));
  });

const framed = async (picture: Sharp, { height, width, fit }: PictureFrame) =>
  new Uint8Array(
    await picture
      .autoOrient()
      .flatten({ background })
      .resize(width, height, { fit, background })
      .toColourspace("srgb")
      .removeAlpha()
      .raw()
      .toBuffer(),
  );

/**
 * (size, size, 3) bytes of a PNG, JPEG or WebP file, fitted into a white square. Throws `bad-data`
 * for anything else, and for a file that is cut off or has more than 4096 x 4096 pixels.
 */
export async function decodePicture(file: Uint8Array, size: number): Promise<Uint8Array> {
  try {
    const picture = sharp(file, { limitInputPixels: maxRemotePixels, failOn: "error" });
    const { format } = await picture.metadata();
    if (!remoteFormats.includes(format))
      throw new Error(`${format} is none of ${remoteFormats.join(", ")}`);
    return await framed(picture, { height: size, width: size, fit: "contain" });
  } catch (error) {
    throw new TandemError(
      "bad-data",
      `${file.length} bytes are no picture: ${refusalOf(file, error, maxRemotePixels)}`,
    );
  }
}
