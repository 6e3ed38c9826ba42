import { messageOf, TandemError } from "@tandem/core/errors";
import sharp, { type Sharp } from "sharp";

const remoteFormats = ["png", "jpeg", "webp"];
const maxRemotePixels = 4096 * 4096;
const background = "#ffffff";

export type PictureFrame = {
  readonly height: number;
  readonly width: number;
  /** Cut to the frame, or fitted into it on white. */
  readonly fit: "cover" | "contain";
};

/**
 * (height, width, 3) bytes in sRGB of a picture file: JPEG, PNG, WebP, GIF, TIFF, AVIF or SVG, by its
 * content; the first frame, turned as EXIF says, on white. Throws for what is none, or cut off.
 */
export const pixelsOf = (file: Uint8Array, frame: PictureFrame): Promise<Uint8Array> =>
  framed(sharp(file, { failOn: "error" }), frame);

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
    throw new TandemError("bad-data", `${file.length} bytes are no picture: ${messageOf(error)}`);
  }
}
