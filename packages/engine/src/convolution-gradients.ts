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
  const { top, bottom, left, right } = paddingOf(x.shape, filterShape, attributes);
  const turned = tf.transpose(x, [3, 1, 2, 0]) as tf.Tensor4D;
  const images = padImages(turned, [top, bottom], [left, right]); // (C, H, W, B)
  const filter = tf.transpose(dy, [1, 2, 0, 3]) as tf.Tensor4D; // (h, w, B, O)
  const full = tf.conv2d(images, filter, 1, "valid", "NHWC", strideOf(attributes)); // (C, k', k', O)
  const gradient = tf.transpose(full, [1, 2, 0, 3]) as tf.Tensor4D;
  // A stride that does not reach the far edge leaves rows beyond the filter.
  return tf.slice(gradient, [0, 0, 0, 0], filterShape as [number, number, number, number]);
}

/**
 * dX as a convolution of dy with a channel for each place under the stride, which then become pixels
 * (arXiv 1609.05158): spread dy would be multiplied by its zeros. The filter is turned, and filled up with
 * zeros to a multiple of the stride.
 */
export function inputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: readonly number[],
  attributes: ConvolutionAttributes,
): tf.Tensor4D {
  const stride = strideOf(attributes);
  const [height, width, inputs, outputs] = filter.shape;
  const { top, left } = paddingOf(inputShape, filter.shape, attributes);
  const taps = [Math.ceil(height / stride), Math.ceil(width / stride)] as const;
  const filled = tf.pad(filter, [
    [0, taps[0] * stride - height],
    [0, taps[1] * stride - width],
    [0, 0],
    [0, 0],
  ]);
  const weights = tf.reshape(filled, [-1, inputs, outputs]); // a place of the filter in each row
  const turned = tf.gather(weights, turnedPlaces(taps, stride));
  const kernel = tf.reshape(
    tf.transpose(tf.reshape(turned, [taps[0] * taps[1], -1, outputs]), [0, 2, 1]),
    [...taps, outputs, stride * stride * inputs],
  ) as tf.Tensor4D;
  // Row r of the output sees rows r + 1 - taps … r of dy; the first that holds any of dX is `from`.
  const from = [Math.floor(top / stride), Math.floor(left / stride)];
  const rowsOf = (axis: 1 | 2, before: number): [number, number] => {
    const rows = Math.ceil((inputShape[axis] + before) / stride);
    return [taps[axis - 1] - 1 - from[axis - 1], Math.max(0, rows - dy.shape[axis])];
  };
  const around = padImages(dy, rowsOf(1, top), rowsOf(2, left));
  const pixels = asPixels(tf.conv2d(around, kernel, 1, "valid"), stride);
  const shape = inputShape as [number, number, number, number];
  if (tf.util.arraysEqual(pixels.shape, shape)) return pixels;
  return tf.slice(pixels, [0, top % stride, left % stride, 0], shape);
}

/** Places of the filter by tap from the last to the first, and under the stride within each. */
function turnedPlaces(taps: readonly [number, number], stride: number): tf.Tensor1D {
  const under = [...Array(stride).keys()];
  const backwards = (count: number) => [...Array(count).keys()].reverse();
  const places = backwards(taps[0]).flatMap((row) =>
    backwards(taps[1]).flatMap((column) =>
      under.flatMap((y) =>
        under.map((x) => (row * stride + y) * taps[1] * stride + column * stride + x),
      ),
    ),
  );
  return tf.tensor1d(places, "int32");
}

/** (B, h, w, s s C) -> (B, s h, s w, C), which tfjs's own depthToSpace takes sixty times as long for. */
function asPixels(places: tf.Tensor4D, stride: number): tf.Tensor4D {
  const [batch, height, width, channels] = places.shape;
  if (stride === 1) return places;
  const rows = tf.reshape(places, [batch * height, width, stride, channels / stride]);
  return tf.reshape(tf.transpose(rows, [0, 2, 1, 3]), [
    batch,
    stride * height,
    stride * width,
    channels / (stride * stride),
  ]);
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
