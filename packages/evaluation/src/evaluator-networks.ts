import type { Rng } from "@tandem/core/rng";
import { type Arrays, f32, sizeOf, type TensorOf } from "@tandem/core/tensor";
import * as tf from "@tensorflow/tfjs-core";

type Weights = Readonly<Record<string, tf.Tensor>>;

/** (B, h, w, 3), 0-255, to 64 features before the head and the logits. */
type Network = {
  initialise(classes: number, rng: Rng): Arrays;
  forward(
    weights: Weights,
    images: tf.Tensor4D,
  ): { readonly features: tf.Tensor2D; readonly logits: tf.Tensor2D };
};

const widths = [3, 32, 64, 64] as const;
const layers = widths.slice(1).map((width, i) => ({ name: `conv${i}`, from: widths[i], width }));

/** Three convolutions with stride 2 and ReLU; the features are their mean over the picture. */
const plain: Network = {
  initialise: (classes, rng) => ({
    "head.weight": normal(rng.fork("head"), [64, classes], 0.1),
    "head.bias": zeros(classes),
    ...merged(layers.map(({ name, from, width }) => convolution(rng, name, [3, 3, from, width]))),
  }),
  forward(weights, images) {
    let h = scaled(images);
    for (const { name } of layers) h = tf.relu(convolve(weights, name, h, 2));
    const features = tf.mean(h, [1, 2]) as tf.Tensor2D; // (B, 64)
    return { features, logits: linear(weights, "head", features) };
  },
};

const blocks = [0, 1].map((i) => ({ depth: `depth${i}`, point: `point${i}`, down: `down${i}` }));

/**
 * A wide stem and two residual blocks, each a depthwise and a pointwise convolution, with swish;
 * the features are a dense layer of their own.
 */
const residual: Network = {
  initialise: (classes, rng) => ({
    ...convolution(rng, "stem", [5, 5, 3, 32]),
    ...merged(
      blocks.map(({ depth, point, down }, i) => {
        const width = 32 * (i + 1);
        return {
          [`${depth}.weight`]: normal(rng.fork(depth), [3, 3, width, 1], 1 / 3),
          ...convolution(rng, point, [1, 1, width, width]),
          ...convolution(rng, down, [3, 3, width, 64]),
        };
      }),
    ),
    "dense.weight": normal(rng.fork("dense"), [64, 64], Math.sqrt(2 / 64)),
    "dense.bias": zeros(64),
    "head.weight": normal(rng.fork("head"), [64, classes], 0.1),
    "head.bias": zeros(classes),
  }),
  forward(weights, images) {
    let h = swish(convolve(weights, "stem", scaled(images), 2)); // (B, h/2, w/2, 32)
    for (const { depth, point, down } of blocks) {
      const filter = weights[`${depth}.weight`] as tf.Tensor4D;
      const seen = tf.depthwiseConv2d(h, filter, 1, "same");
      h = tf.add(h, swish(convolve(weights, point, seen, 1)));
      h = swish(convolve(weights, down, h, 2));
    }
    const pooled = tf.mean(h, [1, 2]) as tf.Tensor2D; // (B, 64)
    const features = swish(linear(weights, "dense", pooled));
    return { features, logits: linear(weights, "head", features) };
  },
};

/** Judges that share neither layers nor seed: what both see is not one network's quirk. */
export const networks = { a: plain, b: residual } as const;
export type Architecture = keyof typeof networks;
export const architectures = Object.keys(networks) as readonly Architecture[]; // the line above closes the set

/** Whose weights these are, by their names. Throws for weights of neither. */
export function architectureOf(weights: Arrays): Architecture {
  if (Object.hasOwn(weights, "conv0.weight")) return "a";
  if (Object.hasOwn(weights, "stem.weight")) return "b";
  throw new Error(`weights ${Object.keys(weights).join(", ")} are of no evaluator`);
}

/** The file of an architecture's weights beside those of a: `x.safetensors`, `x-b.safetensors`. */
export const weightsOf = (file: string, architecture: Architecture): string =>
  architecture === "a" ? file : file.replace(/\.safetensors$/, `-${architecture}.safetensors`);

const scaled = (images: tf.Tensor4D): tf.Tensor4D => tf.sub(tf.div(images, 127.5), 1);
const swish = <T extends tf.Tensor>(x: T): T => tf.mul(x, tf.sigmoid(x));

const convolve = (weights: Weights, name: string, x: tf.Tensor4D, stride: number): tf.Tensor4D =>
  tf.add(
    tf.conv2d(x, weights[`${name}.weight`] as tf.Tensor4D, stride, "same"),
    weights[`${name}.bias`],
  );

const linear = (weights: Weights, name: string, x: tf.Tensor2D): tf.Tensor2D =>
  tf.add(tf.matMul(x, weights[`${name}.weight`] as tf.Tensor2D), weights[`${name}.bias`]);

const merged = (parts: readonly Arrays[]): Arrays =>
  Object.fromEntries(parts.flatMap((part) => Object.entries(part)));

const zeros = (size: number) => f32([size], new Float32Array(size));

function normal(rng: Rng, shape: readonly number[], deviation: number): TensorOf<"f32"> {
  const values = Float32Array.from({ length: sizeOf(shape) }, () => rng.normal() * deviation);
  return f32(shape, values);
}

/** He's deviation for a filter (k, k', C, D), and a bias of zeros. */
function convolution(rng: Rng, name: string, shape: readonly number[]): Arrays {
  const inputs = sizeOf(shape.slice(0, -1));
  return {
    [`${name}.weight`]: normal(rng.fork(name), shape, Math.sqrt(2 / inputs)),
    [`${name}.bias`]: zeros(shape[3]),
  };
}
