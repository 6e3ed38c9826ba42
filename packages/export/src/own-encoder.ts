import type { Normalisation } from "@tandem/core/task";
import {
  copied,
  type LayersEncoder,
  trainedNames,
  variableOf,
} from "@tandem/models/backbone/layers-encoder";
import { imagenet } from "@tandem/models/backbone/shapes";
import * as tf from "@tensorflow/tfjs-core";
import { layers, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { extentsOf, type Stock, type Values, values } from "./stock";
import { permute } from "./stock-layers";

/** What of an encoder's own model is exported with a model that trains it. */
export type EncoderToTake = LayersEncoder["source"];

/** Pictures (N, h, w, 3) in [0, 1] to features: as the encoder is fed, with the weights that were trained. */
export function ownEncoder(s: Stock, x: SymbolicTensor, encoder: EncoderToTake): SymbolicTensor {
  const { model, size, normalisation } = encoder;
  const own = copied(model);
  own.name = "image_own";
  for (const [weight, name] of trainedNames(own)) {
    const variable = variableOf(weight);
    const { shape, data } = s.take(name, variable.shape);
    tf.tidy(() => variable.assign(tf.tensor(data, [...shape])));
  }
  const y = s.place(own, normalised(s, resized(s, x, size), normalisation));
  return y.shape.length === 4
    ? s.place(layers.globalAveragePooling2d({ name: "image_own_mean" }), y)
    : y;
}

/** A layer that is not trained, over the last axis. */
function fixed(s: Stock, name: string, x: SymbolicTensor, kernel: Values, bias?: Values) {
  const [, units] = kernel.shape;
  const config = {
    kernelInitializer: "zeros",
    useBias: bias !== undefined,
    trainable: false,
  } as const;
  return s.place(layers.dense({ name, units, ...config }), x, kernel, ...(bias ? [bias] : []));
}

/** The layer that tfjs has for it takes other pixels: one product a side, with the shares of pixels. */
function resized(s: Stock, x: SymbolicTensor, size: number): SymbolicTensor {
  const [height, width] = extentsOf(x);
  if (height === size && width === size) return x;
  const rows = fixed(
    s,
    "image_wide",
    permute(s, "image.lines", x, [3, 1, 2]),
    bilinear(width, size),
  );
  const columns = permute(s, "image.columns", rows, [1, 3, 2]); // (3, W, h)
  const both = fixed(s, "image_high", columns, bilinear(height, size));
  return permute(s, "image.resized", both, [3, 2, 1]);
}

/** How much of each pixel is in each of another number of them, as `resizeBilinear` with half-pixel centres. */
export function bilinear(from: number, to: number): Values {
  const kernel = values([from, to], () => 0);
  for (let i = 0; i < to; i++) {
    const at = ((i + 0.5) * from) / to - 0.5;
    const low = Math.max(0, Math.floor(at));
    const high = Math.min(from - 1, Math.ceil(at));
    const share = low === high ? 0 : at - low;
    kernel.data[low * to + i] += 1 - share;
    kernel.data[high * to + i] += share;
  }
  return kernel;
}

function normalised(s: Stock, x: SymbolicTensor, normalisation: Normalisation): SymbolicTensor {
  const rescaled = (scale: number, offset: number) =>
    s.place(layers.rescaling({ name: "image_normalised", scale, offset }), x);
  if (normalisation === "0..1") return x;
  if (normalisation === "0..255") return rescaled(255, 0);
  if (normalisation === "-1..1") return rescaled(2, -1);
  const { mean, deviation } = imagenet;
  const kernel = values([3, 3], (at) => (at % 4 === 0 ? 255 / deviation[at % 3] : 0));
  const bias = values([3], (channel) => -mean[channel] / deviation[channel]);
  return fixed(s, "image_normalised", x, kernel, bias);
}
