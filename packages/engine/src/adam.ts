import * as tf from "@tensorflow/tfjs-core";

export type Optimizer = {
  /** One step against the gradient of the loss, whose value the caller owns. Throws where no variable has one. */
  readonly minimize: (loss: () => tf.Scalar) => tf.Scalar;
  readonly dispose: () => void;
};

const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-7];

/**
 * Adam (arXiv 1412.6980) on all variables as one vector: tfjs's own runs thirteen operations for each
 * variable, which on a GPU cost more than the arithmetic. What the loss does not depend on has gradient 0.
 */
export function createAdam(learningRate: number, variables: readonly tf.Variable[]): Optimizer {
  const sizes = variables.map(({ size }) => size);
  const zeros = () => tf.zeros([sizes.reduce((a, b) => a + b, 0)]) as tf.Tensor1D;
  let [mean, square] = [zeros(), zeros()];
  let steps = 0;

  return {
    minimize: (loss) =>
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(loss, [...variables]);
        const flat = variables.map(({ name, size }) =>
          grads[name] ? tf.reshape(grads[name], [size]) : tf.zeros([size]),
        );
        const gradient = tf.concat(flat as tf.Tensor1D[]);
        const moved = (before: tf.Tensor, now: tf.Tensor, rate: number) =>
          tf.keep(tf.add(before, tf.mul(tf.sub(now, before), 1 - rate))) as tf.Tensor1D;
        const moments = [moved(mean, gradient, beta1), moved(square, tf.square(gradient), beta2)];
        tf.dispose([mean, square]);
        [mean, square] = moments;

        steps++;
        const scale = Math.sqrt(1 - beta2 ** steps);
        const rate = (learningRate * scale) / (1 - beta1 ** steps);
        const lower = tf.div(tf.mul(mean, rate), tf.add(tf.sqrt(square), epsilon * scale));
        const parts = tf.split(lower, sizes);
        for (const [i, variable] of variables.entries())
          variable.assign(tf.sub(variable, tf.reshape(parts[i], variable.shape)));
        return value;
      }),
    dispose: () => tf.dispose([mean, square]),
  };
}
