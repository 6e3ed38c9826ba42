import { type Json, readConfig } from "./config";

export type PixelShuffleConfig = ReturnType<typeof parsePixelShuffle>;

/** A codec without weights: f x f pixels of a plane become f² planes, as in torch's pixel_unshuffle. */
export function parsePixelShuffle(json: Json) {
  const config = readConfig("PixelShuffle", json);
  const factor = config.natural("factor", 2);
  config.finish();
  return { factor };
}
