import * as tf from "@tensorflow/tfjs-core";

const wave = (length: number, phase: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(1.7 * i + phase));

/**
 * Convolutions plain and by channel with stride 1 and 2, a max-pool of negative values,
 * normalisation, embeddings with padding, for an even and an odd batch, and softmax cross-entropy.
 */
function loss(first: tf.Tensor, second: tf.Tensor, table: tf.Tensor, own: tf.Tensor): tf.Scalar {
  const images = tf.tensor4d(wave(2 * 6 * 6 * 3, 0.3), [2, 6, 6, 3]);
  let h = tf.conv2d(images, first as tf.Tensor4D, 1, "same");
  h = tf.mul(h, tf.sigmoid(h));
  h = tf.depthwiseConv2d(h, own as tf.Tensor4D, 1, "same");
  // Each window has one clear winner, so that a step of the weights changes none.
  const winners = tf.tensor(winner, [1, 6, 6, 1]);
  h = tf.add(tf.maxPool(tf.sub(h, winners) as tf.Tensor4D, 2, 2, "valid"), 20); // (2, 3, 3, 4)
  h = tf.conv2d(h, second as tf.Tensor4D, 2, "same"); // (2, 2, 2, 5)
  const { mean, variance } = tf.moments(h, [1, 2], true);
  const pooled = tf.mean(
    tf.square(tf.div(tf.sub(h, mean), tf.sqrt(tf.add(variance, 1e-3)))),
    [1, 2],
  );
  const ids = tf.tensor2d([2, 3, 3, 0], [2, 2], "int32");
  const isWord = tf.expandDims(tf.cast(tf.greater(ids, 0), "float32"), -1); // (2, 2, 1)
  const words = tf.mul(tf.gather(table, ids), isWord); // (2, 2, 5)
  const meaning = tf.div(tf.sum(words, 1), tf.sum(isWord, 1)); // (2, 5)
  const logits = tf.add(tf.add(pooled, tf.mean(h, [1, 2])), meaning);
  const target = tf.oneHot(tf.tensor1d([1, 4], "int32"), 5);
  const error = tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(logits as tf.Tensor2D)), -1)));
  return tf.add(error, tf.mean(oddBatch(table)));
}

/** WebGL on an NVIDIA GPU has had gradients of such a layer that were no numbers, for three captions. */
function oddBatch(table: tf.Tensor): tf.Tensor {
  const ids = tf.tensor2d([1, 3, 2, 0, 0, 2, 2, 0, 0, 0, 1, 2, 3, 1, 2], [3, 5], "int32");
  const isWord = tf.expandDims(tf.cast(tf.greater(ids, 0), "float32"), -1);
  const count = tf.maximum(tf.sum(isWord, 1), 1);
  const pooled = tf.div(tf.sum(tf.mul(tf.gather(table, ids), isWord), 1), count); // (3, 5)
  const hidden = tf.relu(tf.add(tf.matMul(pooled as tf.Tensor2D, tf.transpose(table)), 0.1)); // (3, 4)
  return tf.square(tf.sum(hidden, 1));
}

/** 20 at one pixel of each 2 x 2 window, another from window to window, and 40 at the others. */
const winner = Float32Array.from({ length: 36 }, (_, at) => {
  const [row, column] = [Math.floor(at / 6), at % 6];
  const window = Math.floor(row / 2) * 3 + Math.floor(column / 2);
  return (row % 2) * 2 + (column % 2) === window % 4 ? 20 : 40;
});

const shapes = [
  [3, 3, 3, 4],
  [3, 3, 4, 5],
  [4, 5],
  [3, 3, 4, 1],
] as const;

/**
 * Largest relative error of the present backend: one convolution against plain loops, and the
 * gradient of a small mixed network against central differences along one direction a weight.
 */
export async function selfTest(): Promise<number> {
  // What a GPU backend leaves to the CPU while it is small would prove nothing of its shaders.
  const backend = tf.getBackend();
  if (backend !== "webgpu" && backend !== "webgl") return largestError();
  const flag = `${backend.toUpperCase()}_CPU_FORWARD`;
  const usual = tf.env().getBool(flag);
  tf.env().set(flag, false);
  try {
    return await largestError();
  } finally {
    tf.env().set(flag, usual);
  }
}

async function largestError(): Promise<number> {
  const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
  const at = (offset: number) =>
    shapes.map((shape, k) => {
      const values = wave(size(shape), k).map((v, i) => 0.4 * v + offset * Math.cos(2.3 * i + k));
      return tf.tensor(values, [...shape]);
    });
  const read = async (make: () => tf.Tensor) => {
    const tensor = tf.tidy(make);
    const values = await tensor.data();
    tensor.dispose();
    return values;
  };
  const h = 2e-3;
  const run = (offset: number) =>
    read(() => loss(...(at(offset) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor])));
  const [above, below] = [(await run(h))[0], (await run(-h))[0]];
  const analytic = await read(() => {
    const gradients = tf.grads(loss as (...args: tf.Tensor[]) => tf.Tensor)(at(0));
    return tf.addN(
      gradients.map((gradient, k) => {
        const direction = Float32Array.from({ length: gradient.size }, (_, i) =>
          Math.cos(2.3 * i + k),
        );
        return tf.sum(tf.mul(gradient, tf.tensor(direction, gradient.shape)));
      }),
    );
  });
  const numeric = (above - below) / (2 * h);
  const slope = Math.abs(analytic[0] - numeric) / (Math.abs(numeric) + 1e-3);
  return Math.max(slope, await convolutionError(read));
}

async function convolutionError(
  read: (make: () => tf.Tensor) => Promise<ArrayLike<number>>,
): Promise<number> {
  const [x, w] = [wave(5 * 5 * 2, 1), wave(3 * 3 * 2 * 2, 2)];
  const fast = await read(() =>
    tf.conv2d(tf.tensor4d(x, [1, 5, 5, 2]), tf.tensor4d(w, [3, 3, 2, 2]), 1, "valid"),
  );
  let worst = 0;
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 3; column++)
      for (let o = 0; o < 2; o++) {
        let sum = 0;
        for (let i = 0; i < 3; i++)
          for (let j = 0; j < 3; j++)
            for (let c = 0; c < 2; c++)
              sum += x[((row + i) * 5 + column + j) * 2 + c] * w[((i * 3 + j) * 2 + c) * 2 + o];
        worst = Math.max(worst, Math.abs(fast[(row * 3 + column) * 2 + o] - sum));
      }
  return worst;
}
