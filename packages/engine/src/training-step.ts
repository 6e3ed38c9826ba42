import * as tf from "@tensorflow/tfjs-core";
import { createAdam } from "./adam";

const [batch, side, classes] = [32, 32, 10];
const widths = [3, 16, 32, 64];

/**
 * Milliseconds of a training step of a small convolutional network (32 pictures of 32 x 32, Adam), the
 * median of three after one that compiles. What decides is how fast a backend is at many small operations.
 */
export async function timeTrainingStep(now: () => number): Promise<number> {
  const weights = tf.tidy(() => {
    const shapes = [
      ...widths.slice(1).map((width, i) => [3, 3, widths[i], width]),
      [widths[widths.length - 1], classes],
    ];
    return shapes.map((shape, i) => tf.variable(tf.randomNormal(shape, 0, 0.1, "float32", i + 1)));
  });
  const optimizer = createAdam(1e-3, weights);
  const [head] = weights.slice(-1);
  const images = tf.randomUniform([batch, side, side, 3], -1, 1, "float32", 7);
  const labels = tf.tidy(() =>
    tf.oneHot(tf.randomUniform([batch], 0, classes, "int32", 8), classes),
  );
  const loss = () => {
    let h = images as tf.Tensor4D; // four lengths
    for (const filter of weights.slice(0, -1)) {
      const { mean, variance } = tf.moments(h, [1, 2], true);
      const even = tf.div(tf.sub(h, mean), tf.sqrt(tf.add(variance, 1e-3))) as tf.Tensor4D;
      h = tf.relu(tf.conv2d(even, filter as tf.Tensor4D, 2, "same"));
    }
    const logits = tf.matMul(tf.mean(h, [1, 2]) as tf.Tensor2D, head as tf.Tensor2D);
    return tf.neg(tf.mean(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), -1))) as tf.Scalar;
  };
  try {
    const times: number[] = [];
    for (let i = 0; i < 4; i++) {
      const started = now();
      const cost = optimizer.minimize(loss);
      await cost.data(); // waits for the device
      cost.dispose();
      times.push(now() - started);
    }
    return times.slice(1).sort((a, b) => a - b)[1];
  } finally {
    optimizer.dispose();
    tf.dispose([...weights, images, labels]);
  }
}
