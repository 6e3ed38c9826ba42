import * as tf from "@tensorflow/tfjs-core";

export type ConvolutionAttributes = {
  readonly strides: number | readonly [number, number];
  readonly pad: "same" | "valid" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
};

export const strideOf = ({ strides }: ConvolutionAttributes): number => {
  const [vertical, horizontal] = typeof strides === "number" ? [strides, strides] : strides;
  if (vertical !== horizontal) throw new Error(`strides [${strides}] differ`);
  return vertical;
};

/** What the forward pass padded; a depthwise filter has the same first two extents. */
export const paddingOf = (
  input: readonly number[],
  filter: readonly number[],
  attributes: ConvolutionAttributes,
) =>
  tf.backend_util.computeConv2DInfo(
    input as [number, number, number, number],
    [filter[0], filter[1], input[3], 1],
    attributes.strides as [number, number],
    1,
    attributes.pad,
    attributes.dimRoundingMode,
  ).padInfo;

const padImages = (
  x: tf.Tensor4D,
  rows: readonly [number, number],
  columns: readonly [number, number],
): tf.Tensor4D => tf.pad(x, [[0, 0], [...rows], [...columns], [0, 0]]);

/** The input as the forward convolution saw it. */
function padAsForward(
  x: tf.Tensor4D,
  filterShape: readonly number[],
  attributes: ConvolutionAttributes,
): tf.Tensor4D {
  const { top, bottom, left, right } = paddingOf(x.shape, filterShape, attributes);
  return padImages(x, [top, bottom], [left, right]);
}

/** dy, zeros between its pixels and around, so that a turned filter slides over every input pixel. */
export function spreadForInput(
  dy: tf.Tensor4D,
  filterShape: readonly number[],
  inputShape: readonly number[],
  attributes: ConvolutionAttributes,
): tf.Tensor4D {
  const { top, left } = paddingOf(inputShape, filterShape, attributes);
  const spread = insertZeros(dy, strideOf(attributes));
  const around = (axis: 1 | 2, before: number): [number, number] => {
    const kernel = filterShape[axis - 1];
    const first = kernel - 1 - before;
    return [first, inputShape[axis] - 1 + kernel - spread.shape[axis] - first];
  };
  return padImages(spread, around(1, top), around(2, left));
}

/** dW as one convolution: the batch plays the channels, dy is the filter, the stride its dilation. */
export function filterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  filterShape: readonly number[],
  attributes: ConvolutionAttributes,
): tf.Tensor4D {
  const padded = padAsForward(x, filterShape, attributes);
  const images = tf.transpose(padded, [3, 1, 2, 0]) as tf.Tensor4D; // (C, H, W, B)
  const filter = tf.transpose(dy, [1, 2, 0, 3]) as tf.Tensor4D; // (h, w, B, O)
  const full = tf.conv2d(images, filter, 1, "valid", "NHWC", strideOf(attributes)); // (C, k', k', O)
  const gradient = tf.transpose(full, [1, 2, 0, 3]) as tf.Tensor4D;
  // A stride that does not reach the far edge leaves rows beyond the filter.
  return tf.slice(gradient, [0, 0, 0, 0], filterShape as [number, number, number, number]);
}

/** dX as a convolution of the spread dy with the turned filter. */
export function inputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: readonly number[],
  attributes: ConvolutionAttributes,
): tf.Tensor4D {
  const spread = spreadForInput(dy, filter.shape, inputShape, attributes);
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]) as tf.Tensor4D;
  return tf.conv2d(spread, turned, 1, "valid");
}

function insertZeros(x: tf.Tensor4D, stride: number): tf.Tensor4D {
  if (stride === 1) return x;
  const [batch, height, width, channels] = x.shape;
  const gap = stride - 1;
  const split = tf.reshape(x, [batch * height, 1, width, 1, channels] as never) as tf.Tensor;
  const padded = tf.pad(split, [
    [0, 0],
    [0, gap],
    [0, 0],
    [0, gap],
    [0, 0],
  ] as never);
  const full = tf.reshape(padded, [batch, height * stride, width * stride, channels]);
  const extent = [batch, (height - 1) * stride + 1, (width - 1) * stride + 1, channels] as const;
  return tf.slice(full as tf.Tensor4D, [0, 0, 0, 0], [...extent]);
}
