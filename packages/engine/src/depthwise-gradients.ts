import * as tf from "@tensorflow/tfjs-core";
import {
  type ConvolutionAttributes,
  padAsForward,
  spreadForInput,
  strideOf,
} from "./convolution-gradients";

// Output channel c * M + m of a depthwise convolution is input channel c under filter (., ., c, m).

/** dW of a depthwise convolution, one filter position at a time: (k, k', C, M). */
export function depthwiseFilterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  filterShape: readonly number[],
  attributes: ConvolutionAttributes,
): tf.Tensor4D {
  const [rows, columns, channels, multiplier] = filterShape;
  const [batch, height, width] = dy.shape;
  const stride = strideOf(attributes);
  const padded = padAsForward(x, filterShape, attributes);
  const seen = tf.reshape(dy, [batch * height * width, channels, multiplier]);
  const positions = Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    const pixels = tf.stridedSlice(
      padded,
      [0, row, column, 0],
      [batch, row + (height - 1) * stride + 1, column + (width - 1) * stride + 1, channels],
      [1, stride, stride, 1],
    );
    return tf.sum(tf.mul(tf.reshape(pixels, [batch * height * width, channels, 1]), seen), 0);
  });
  return tf.reshape(tf.stack(positions), [rows, columns, channels, multiplier]);
}

/** dX of a depthwise convolution: one such convolution of the spread dy for each multiple. */
export function depthwiseInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: readonly number[],
  attributes: ConvolutionAttributes,
): tf.Tensor4D {
  const [rows, columns, channels, multiplier] = filter.shape;
  const [batch, height, width] = dy.shape;
  const turned = tf.reverse(filter, [0, 1]);
  const split = tf.reshape(dy, [batch * height * width, channels, multiplier]);
  const parts = Array.from({ length: multiplier }, (_, m) => {
    const own = tf.slice(split, [0, 0, m], [batch * height * width, channels, 1]);
    const image = tf.reshape(own, [batch, height, width, channels]) as tf.Tensor4D;
    const kernel = tf.slice(turned, [0, 0, 0, m], [rows, columns, channels, 1]) as tf.Tensor4D;
    const spread = spreadForInput(image, filter.shape, inputShape, attributes);
    return tf.depthwiseConv2d(spread, kernel, 1, "valid");
  });
  return tf.addN(parts);
}
