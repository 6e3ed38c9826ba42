import {
  copied,
  type LayersEncoder,
  trainedNames,
  variableOf,
} from "@tandem/models/backbone/layers-encoder";
import * as tf from "@tensorflow/tfjs-core";
import { layers, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { normalised } from "./normalised";
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
