import type { Rng } from "@tandem/core/rng";
import { type Arrays, f32, sizeOf, type TensorOf } from "@tandem/core/tensor";
import { type Tensors, tensorsOf } from "@tandem/engine/tensors";
import * as tf from "@tensorflow/tfjs-core";

const [first, second] = [16, 32];

/**
 * A critic of pictures, some 5 k weights: two 3x3 convolutions of stride 2, their mean over the picture φ,
 * and φ·(w + V_c) + b_c (docs/algorithm.md A5). Convolutions start as He's (arXiv 1502.01852), all else at 0.
 */
export function initialCritic(classes: number, rng: Rng): Arrays {
  const kernel = (shape: readonly [number, number, number, number]) => {
    const deviation = Math.sqrt(2 / (shape[0] * shape[1] * shape[2]));
    return f32(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => deviation * rng.normal()),
    );
  };
  const zeros = (...shape: number[]) => f32(shape, new Float32Array(sizeOf(shape)));
  return {
    kernel1: kernel([3, 3, 3, first]),
    bias1: zeros(first),
    kernel2: kernel([3, 3, first, second]),
    bias2: zeros(second),
    all: zeros(second, 1),
    byClass: zeros(classes, second),
    bias: zeros(classes, 1),
  };
}

/** Pictures (B, h, w, 3) in [-1, 1] with their classes as one-hot rows (B, C) -> (B,). Differentiable. */
export function runCritic(net: Tensors, pictures: tf.Tensor4D, classes: tf.Tensor2D): tf.Tensor1D {
  const layer = (x: tf.Tensor4D, kernel: tf.Tensor, bias: tf.Tensor) =>
    tf.relu(tf.add(tf.conv2d(x, kernel as tf.Tensor4D, 2, "same"), bias)) as tf.Tensor4D;
  const hidden = layer(layer(pictures, net.kernel1, net.bias1), net.kernel2, net.bias2);
  const features = tf.mean(hidden, [1, 2]); // (B, 32)
  const own = tf.matMul(classes, net.byClass as tf.Tensor2D); // (B, 32)
  const shared = tf.matMul(features as tf.Tensor2D, net.all as tf.Tensor2D); // (B, 1)
  const offset = tf.matMul(classes, net.bias as tf.Tensor2D);
  const particular = tf.sum(tf.mul(features, own), 1, true);
  return tf.squeeze(tf.addN([shared, particular, offset]), [1]) as tf.Tensor1D;
}

/** What the critic says of pictures (N, h, w, 3) of these classes: (N,). Needs a tfjs backend. */
export async function criticise(
  net: Arrays,
  images: TensorOf<"u8">,
  labels: ArrayLike<number>,
): Promise<Float32Array> {
  const classes = net.bias.shape[0];
  const said = new Float32Array(labels.length);
  for (let from = 0; from < labels.length; from += 128) {
    const rows = Array.from({ length: Math.min(128, labels.length - from) }, (_, i) => from + i);
    const answer = tf.tidy(() => {
      const pictures = picturesTensor(images, rows);
      const own = Int32Array.from(rows, (row) => labels[row]);
      return runCritic(tensorsOf(net), pictures, oneHot(own, classes));
    });
    said.set(await answer.data<"float32">(), from);
    answer.dispose();
  }
  return said;
}

export const oneHot = (labels: Int32Array, classes: number): tf.Tensor2D =>
  tf.cast(tf.oneHot(tf.tensor1d(labels, "int32"), classes), "float32") as tf.Tensor2D;

/** What a critic looks at is so many pixels high and wide at most, and half of the picture's: the domain, not the painter's grain. */
const coarse = 16;

/**
 * Rows of (N, h, w, 3) as (B, h/s, w/s, 3) in [-1, 1], means of s x s pixels each. The caller owns it.
 */
export function picturesTensor(images: TensorOf<"u8">, rows: readonly number[]): tf.Tensor4D {
  const [, height, width, channels] = images.shape;
  const usual = Math.max(2, Math.ceil(Math.max(height, width) / coarse));
  const cell = Math.min(height, width, usual);
  const shape = [Math.floor(height / cell), Math.floor(width / cell)] as const;
  const values = new Float32Array(rows.length * shape[0] * shape[1] * channels);
  const [scale, row3] = [127.5 * cell * cell, width * channels];
  let to = 0;
  for (const row of rows)
    for (let y = 0; y < shape[0]; y++)
      for (let x = 0; x < shape[1]; x++)
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (let dy = 0; dy < cell; dy++)
            for (let dx = 0; dx < cell; dx++)
              sum +=
                images.data[(row * height + y * cell + dy) * row3 + (x * cell + dx) * channels + c];
          values[to++] = sum / scale - 1;
        }
  return tf.tensor4d(values, [rows.length, ...shape, channels]);
}
