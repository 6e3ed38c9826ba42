import sharp from "sharp";
import { limits } from "../limits";
import type { PictureDecoder } from "./decoder";

/** Decodes with sharp, whose build reads neither BMP nor HEIC. */
export const nodeDecoder: PictureDecoder = {
  kinds: ["png", "jpeg", "gif", "webp", "avif"],
  async decode(file, { background: grey, longest }) {
    const background = { r: grey, g: grey, b: grey };
    const { data, info } = await sharp(file, { limitInputPixels: limits.pixels, failOn: "error" })
      .autoOrient()
      .flatten({ background })
      .resize(longest, longest, { fit: "inside", withoutEnlargement: true })
      .toColourspace("srgb")
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: new Uint8Array(data) };
  },
};
