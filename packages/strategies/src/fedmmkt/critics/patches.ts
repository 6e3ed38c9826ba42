import type { Rng } from "@tandem/core/rng";
import { type Arrays, f32, type TensorOf } from "@tandem/core/tensor";
import { tensorsOf } from "@tandem/engine/tensors";
import * as tf from "@tensorflow/tfjs-core";
import { cholesky } from "./linear";

/** Features of a picture. */
export const width = 64;
/** A patch is 3 x 3 pixels of 3 channels. */
const [side, inputs] = [3, 27];
/** Patches that whitening is measured on. */
const measured = 4096;
/** Added to the covariance of patches, whose values are within ±1. */
const ridge = 0.01;

/**
 * Patches of these pictures to compare others' with: `whiten` (3, 3, 3, 27) and `shift` (27,), after which
 * patches have mean 0 and covariance 1, and `centres` (27, 64), whitened ones drawn by chance
 * (docs/algorithm.md A5; after Coates, Ng and Lee, "An analysis of single-layer networks in unsupervised
 * feature learning", AISTATS 2011).
 */
export function patchBank(images: TensorOf<"u8">, rng: Rng): Arrays {
  const pictures = coarsePictures(images, allRows(images));
  const patch = () => {
    const row = rng.integer(pictures.shape[0]);
    const y = rng.integer(pictures.shape[1] - side + 1);
    const x = rng.integer(pictures.shape[2] - side + 1);
    return patchAt(pictures, row, y, x);
  };
  const patches = Array.from({ length: measured }, patch);
  const mean = new Float64Array(inputs);
  for (const values of patches) for (let i = 0; i < inputs; i++) mean[i] += values[i] / measured;
  const covariance = new Float64Array(inputs * inputs);
  for (const values of patches)
    for (let i = 0; i < inputs; i++)
      for (let j = 0; j <= i; j++)
        covariance[i * inputs + j] += ((values[i] - mean[i]) * (values[j] - mean[j])) / measured;
  for (let i = 0; i < inputs; i++) covariance[i * inputs + i] += ridge;
  const inverse = inverseOf(cholesky(covariance, inputs));
  const whitened = (values: ArrayLike<number>) =>
    Array.from({ length: inputs }, (_, i) => {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += inverse[i * inputs + j] * (values[j] - mean[j]);
      return sum;
    });
  const centres = patches.slice(0, width).map(whitened);
  return {
    // A convolution's kernel has inputs first, outputs last.
    whiten: f32(
      [side, side, 3, inputs],
      Float32Array.from({ length: inputs * inputs }, (_, at) => {
        const [input, output] = [Math.floor(at / inputs), at % inputs];
        return inverse[output * inputs + input];
      }),
    ),
    shift: f32([inputs], Float32Array.from(whitened(new Float64Array(inputs)))),
    centres: f32(
      [inputs, width],
      Float32Array.from(
        { length: inputs * width },
        (_, at) => centres[at % width][Math.floor(at / width)],
      ),
    ),
  };
}

/**
 * Of pictures (N, h, w, 3), the mean over their patches of max(0, mean distance to all centres − distance to
 * this one): (N, 64). Needs a tfjs backend.
 */
export async function patchFeatures(
  bank: Arrays,
  images: TensorOf<"u8">,
  rows: readonly number[] = allRows(images),
): Promise<TensorOf<"f32">> {
  const features = new Float32Array(rows.length * width);
  for (let from = 0; from < rows.length; from += 128) {
    const { shape, data } = coarsePictures(images, rows.slice(from, from + 128));
    const answer = tf.tidy(() => {
      const { whiten, shift, centres } = tensorsOf(bank);
      const pictures = tf.tensor4d(data, shape);
      const patches = tf.add(tf.conv2d(pictures, whiten as tf.Tensor4D, 1, "valid"), shift);
      const flat = tf.reshape(patches, [-1, inputs]);
      const lengths = tf.add(tf.sum(tf.square(flat), 1, true), tf.sum(tf.square(centres), 0, true));
      const products = tf.matMul(flat as tf.Tensor2D, centres as tf.Tensor2D);
      const distances = tf.sqrt(tf.relu(tf.sub(lengths, tf.mul(products, 2))));
      const near = tf.relu(tf.sub(tf.mean(distances, 1, true), distances));
      return tf.mean(tf.reshape(near, [shape[0], -1, width]), 1);
    });
    features.set(await answer.data<"float32">(), from * width);
    answer.dispose();
  }
  return f32([rows.length, width], features);
}

const allRows = ({ shape }: TensorOf<"u8">) => Array.from({ length: shape[0] }, (_, row) => row);

/** Pictures are looked at with so many pixels a side at most, and half of what they have: the domain, not the painter's grain. */
const coarse = 16;

type Coarse = {
  readonly shape: [number, number, number, number];
  readonly data: Float32Array;
};

/** Rows of (N, h, w, 3) as means of s x s pixels in [-1, 1], framed by a copy of their edge: (B, h/s + 2, w/s + 2, 3). */
export function coarsePictures(images: TensorOf<"u8">, rows: readonly number[]): Coarse {
  const [, height, breadth, channels] = images.shape;
  const usual = Math.max(2, Math.ceil(Math.max(height, breadth) / coarse));
  const cell = Math.min(height, breadth, usual);
  const [h, w] = [Math.floor(height / cell), Math.floor(breadth / cell)];
  const shape: Coarse["shape"] = [rows.length, h + 2, w + 2, channels];
  const data = new Float32Array(rows.length * (h + 2) * (w + 2) * channels);
  const within = (at: number, size: number) => Math.min(size - 1, Math.max(0, at - 1)) * cell;
  let to = 0;
  for (const row of rows)
    for (let y = 0; y < h + 2; y++)
      for (let x = 0; x < w + 2; x++)
        for (let c = 0; c < channels; c++) {
          const first = ((row * height + within(y, h)) * breadth + within(x, w)) * channels + c;
          let sum = 0;
          for (let dy = 0; dy < cell; dy++)
            for (let dx = 0; dx < cell; dx++)
              sum += images.data[first + (dy * breadth + dx) * channels];
          data[to++] = sum / (127.5 * cell * cell) - 1;
        }
  return { shape, data };
}

/** Rows, columns and channels of a patch, one after the other: (27,). */
function patchAt({ shape, data }: Coarse, row: number, y: number, x: number): Float32Array {
  const [, height, breadth, channels] = shape;
  const values = new Float32Array(inputs);
  for (let dy = 0; dy < side; dy++) {
    const from = ((row * height + y + dy) * breadth + x) * channels;
    values.set(data.subarray(from, from + side * channels), dy * side * channels);
  }
  return values;
}

/** Of a lower triangle (27, 27). */
function inverseOf(lower: Float64Array): Float64Array {
  const n = inputs;
  const inverse = new Float64Array(n * n);
  for (let column = 0; column < n; column++)
    for (let i = column; i < n; i++) {
      let sum = i === column ? 1 : 0;
      for (let k = column; k < i; k++) sum -= lower[i * n + k] * inverse[k * n + column];
      inverse[i * n + column] = sum / lower[i * n + i];
    }
  return inverse;
}
