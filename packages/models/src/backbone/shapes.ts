import { unreachable } from "@tandem/core/errors";
import type { Normalisation } from "@tandem/core/task";
import * as tf from "@tensorflow/tfjs-core";
import { refused } from "./files";

export const largest = { size: 224, features: 4096 } as const;

export type ModelInputShape = {
  readonly shape: readonly (number | null)[];
  readonly dtype: tf.DataType;
};

export const shown = (n: number | null) => n ?? "any";
export const wanted =
  "neither features (any, d) nor a map of them (any, h, w, d): name an earlier layer whose output is one.";

export function inputSize(
  { shape, dtype }: ModelInputShape,
  asked: number | undefined,
  open: number = largest.size,
): number {
  const [batch, height, width, channels] = shape;
  const isSquare = shape.length === 4 && height === width && channels === 3;
  if (batch !== null || !isSquare || dtype !== "float32")
    throw refused(
      `its input is [${shape.map(shown)}] of ${dtype}, not [any, h, h, 3] of float32: convert it with a free batch size, for square colour pictures.`,
    );
  const size = height ?? asked ?? open;
  if (height !== null && asked !== undefined && asked !== height)
    throw refused(`its input is ${height} pixels a side, not ${asked}: leave the size out.`);
  if (!Number.isInteger(size) || size < 8 || size > largest.size)
    throw refused(
      `its input is ${size} pixels a side: 8 to ${largest.size} are possible; choose a smaller variant of the model.`,
    );
  return size;
}

/** Of the mean of 0.485, 0.456, 0.406 and the deviation of 0.229, 0.224, 0.225 of ImageNet's channels. */
export const imagenet = { mean: [123.675, 116.28, 103.53], deviation: [58.395, 57.12, 57.375] };

export function normalised(images: tf.Tensor, normalisation: Normalisation): tf.Tensor {
  switch (normalisation) {
    case "0..255":
      return images;
    case "0..1":
      return tf.div(images, 255);
    case "-1..1":
      return tf.sub(tf.div(images, 127.5), 1);
    case "imagenet":
      return tf.div(tf.sub(images, imagenet.mean), imagenet.deviation);
    default:
      return unreachable(normalisation);
  }
}

/** (B, d), or the mean over the positions of (B, h, w, d). */
export function pooled(output: tf.Tensor, batch: number): tf.Tensor2D {
  const { shape } = output;
  if ((shape.length !== 2 && shape.length !== 4) || shape[0] !== batch)
    throw refused(`it makes [${shape}] of ${batch} pictures, ${wanted}`);
  const rows = (shape.length === 4 ? tf.mean(output, [1, 2]) : output) as tf.Tensor2D;
  const [, features] = rows.shape;
  if (features < 2 || features > largest.features)
    throw refused(
      `it makes ${features} features of a picture: 2 to ${largest.features} are possible; name a layer with ${features < 2 ? "more" : "fewer"}.`,
    );
  return rows;
}

/** Of any height and width to `size` of both: (B, h, w, 3). */
export const scaled = (images: tf.Tensor4D, size: number): tf.Tensor4D =>
  images.shape[1] === size && images.shape[2] === size
    ? images
    : tf.image.resizeBilinear(images, [size, size], false, true);

/** A ramp of colours, and stripes of another brightness. */
export function testPictures(size: number): tf.Tensor4D {
  const data = Float32Array.from({ length: 2 * size * size * 3 }, (_, at) => {
    const [channel, x] = [at % 3, Math.floor(at / 3) % size];
    const y = Math.floor(at / (3 * size)) % size;
    const isRamp = at < size * size * 3;
    const ramp = (255 * (channel === 0 ? x : channel === 1 ? y : size - 1 - x)) / (size - 1);
    return isRamp ? ramp : Math.floor((x + channel * y) / 4) % 2 ? 200 : 20 + 10 * channel;
  });
  return tf.tensor4d(data, [2, size, size, 3]);
}
