import type { Normalisation } from "@tandem/core/task";
import { imagenet } from "@tandem/models/backbone/shapes";
import { layers, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { type Stock, values } from "./stock";
import { perChannel } from "./stock-layers";

/** Pictures in [0, 1] as a model that somebody brought is fed them. */
export function normalised(
  s: Stock,
  x: SymbolicTensor,
  normalisation: Normalisation,
): SymbolicTensor {
  const name = "image_normalised";
  const rescaled = (scale: number, offset: number) =>
    s.place(layers.rescaling({ name, scale, offset }), x);
  switch (normalisation) {
    case "0..1":
      return x;
    case "0..255":
      return rescaled(255, 0);
    case "-1..1":
      return rescaled(2, -1);
    case "imagenet": {
      const { mean, deviation } = imagenet;
      const own = { trainable: false };
      return perChannel(
        s,
        name,
        x,
        [
          values([3], (channel) => 255 / deviation[channel]),
          values([3], (channel) => -mean[channel] / deviation[channel]),
        ],
        own,
      );
    }
  }
}
