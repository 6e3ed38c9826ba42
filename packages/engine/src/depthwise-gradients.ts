import * as tf from "@tensorflow/tfjs-core";
import {
  type ConvolutionAttributes,
  paddingOf,
  spreadForInput,
  strideOf,
} from "./convolution-gradients";

// Output channel c * M + m of a depthwise convolution is input channel c under filter (., ., c, m).

/** dW of a depthwise convolution, (k, k', C, M): loops, as tfjs has no operation that this is one of. */
export function depthwiseFilterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  filterShape: readonly number[],
  attributes: ConvolutionAttributes,
): tf.Tensor4D {
  const [rows, columns, channels, multiplier] = filterShape;
  const [batch, height, width] = x.shape;
  const [, outputHeight, outputWidth, outputs] = dy.shape;
  const { top, left } = paddingOf(x.shape, filterShape, attributes);
  const stride = strideOf(attributes);
  const [pixels, gradients] = [x.dataSync(), dy.dataSync()];
  const sums = new Float64Array(rows * columns * outputs);

  /** Adds what one output pixel saw through one position of the filter. */
  function add(position: number, pixel: number, output: number): void {
    for (let c = 0; c < channels; c++)
      for (let m = 0; m < multiplier; m++) {
        const o = c * multiplier + m;
        sums[position * outputs + o] += pixels[pixel + c] * gradients[output + o];
      }
  }
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < outputHeight; h++)
      for (let row = 0; row < rows; row++) {
        const y = h * stride + row - top;
        if (y < 0 || y >= height) continue;
        for (let w = 0; w < outputWidth; w++)
          for (let column = 0; column < columns; column++) {
            const at = w * stride + column - left;
            if (at < 0 || at >= width) continue;
            const pixel = ((b * height + y) * width + at) * channels;
            const output = ((b * outputHeight + h) * outputWidth + w) * outputs;
            add(row * columns + column, pixel, output);
          }
      }
  return tf.tensor(Float32Array.from(sums), [rows, columns, channels, multiplier]);
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
