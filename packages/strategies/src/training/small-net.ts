import { TandemError } from "@tandem/core/errors";
import type { Rng } from "@tandem/core/rng";
import { type Arrays, f32, sizeOf } from "@tandem/core/tensor";
import { createAdam } from "@tandem/engine/adam";
import { nextTask } from "@tandem/engine/next-task";
import { type Tensors, tensorsOf } from "@tandem/engine/tensors";
import * as tf from "@tensorflow/tfjs-core";

/**
 * A net that the server trains: FC, batch norm, ReLU, FC. Both layers start uniformly within
 * ±1/√inputs, as PyTorch's do.
 */
export function initialNet(
  size: { readonly inputs: number; readonly hidden: number; readonly outputs: number },
  rng: Rng,
): Arrays {
  const { inputs, hidden, outputs } = size;
  const uniform = (shape: readonly number[], fanIn: number) => {
    const value = () => (2 * rng.uniform() - 1) / Math.sqrt(fanIn);
    return f32(shape, Float32Array.from({ length: sizeOf(shape) }, value));
  };
  return {
    weight1: uniform([inputs, hidden], inputs),
    bias1: uniform([hidden], inputs),
    scale: f32([hidden], new Float32Array(hidden).fill(1)),
    shift: f32([hidden], new Float32Array(hidden)),
    weight2: uniform([hidden, outputs], hidden),
    bias2: uniform([outputs], hidden),
  };
}

/** (B, inputs) -> (B, outputs); batch norm is over the B rows. Differentiable. */
export function runNet(net: Tensors, x: tf.Tensor2D): tf.Tensor2D {
  const first = tf.add(tf.matMul(x, net.weight1 as tf.Tensor2D), net.bias1);
  const mean = tf.mean(first, 0);
  const variance = tf.mean(tf.square(tf.sub(first, mean)), 0);
  const normal = tf.div(tf.sub(first, mean), tf.sqrt(tf.add(variance, epsilon)));
  const hidden = tf.relu(tf.add(tf.mul(normal, net.scale), net.shift));
  return tf.add(tf.matMul(hidden as tf.Tensor2D, net.weight2 as tf.Tensor2D), net.bias2);
}

const epsilon = 1e-5;

/**
 * The net without batch norm, whose statistics are those of the reference rows (B, inputs): on these
 * rows it does what `runNet` does, and on any other row the same at all times.
 */
export async function frozen(net: Arrays, reference: () => tf.Tensor2D): Promise<Arrays> {
  const folded = tf.tidy(() => {
    const { weight1, bias1, scale, shift } = tensorsOf(net);
    const first = tf.add(tf.matMul(reference(), weight1 as tf.Tensor2D), bias1);
    const { mean, variance } = tf.moments(first, 0);
    const gain = tf.div(scale, tf.sqrt(tf.add(variance, epsilon))); // (hidden,)
    return {
      weight1: tf.mul(weight1, gain),
      bias1: tf.add(tf.mul(tf.sub(bias1, mean), gain), shift),
    };
  });
  const { weight2, bias2 } = net;
  const arrays = { ...(await valuesOf(folded)), weight2, bias2 };
  tf.dispose(folded);
  return arrays;
}

async function valuesOf(tensors: Tensors): Promise<Arrays> {
  const values = Object.entries(tensors).map(
    async ([name, tensor]) => [name, f32(tensor.shape, await tensor.data<"float32">())] as const,
  );
  return Object.fromEntries(await Promise.all(values));
}

/** (B, inputs) -> (B, outputs). */
export function runFrozen(net: Tensors, x: tf.Tensor2D): tf.Tensor2D {
  const hidden = tf.relu(tf.add(tf.matMul(x, net.weight1 as tf.Tensor2D), net.bias1));
  return tf.add(tf.matMul(hidden as tf.Tensor2D, net.weight2 as tf.Tensor2D), net.bias2);
}

/** The arrays after some steps of Adam on the loss; throws `cancelled`. Needs a tfjs backend. */
export async function optimise(
  initial: Arrays,
  options: {
    readonly steps: number;
    readonly learningRate: number;
    /** Runs inside the gradient. */
    readonly loss: (variables: Tensors, step: number) => tf.Scalar;
    readonly signal: AbortSignal;
    readonly onStep?: (done: number, loss: number) => void;
  },
): Promise<Arrays> {
  const { steps, learningRate, loss, signal, onStep } = options;
  const variables = Object.fromEntries(
    Object.entries(tensorsOf(initial)).map(([name, tensor]) => {
      const variable = tf.variable(tensor);
      tensor.dispose();
      return [name, variable];
    }),
  );
  const optimizer = createAdam(learningRate, Object.values(variables));
  try {
    for (let step = 0; step < steps; step++) {
      if (signal.aborted) throw new TandemError("cancelled", "training was cancelled");
      const cost = optimizer.minimize(() => loss(variables, step));
      const [value] = await cost.data();
      cost.dispose();
      if (!Number.isFinite(value)) throw new Error(`the loss became ${value}`);
      onStep?.(step + 1, value);
      await nextTask(); // the server answers others in between
    }
    return await valuesOf(variables);
  } finally {
    optimizer.dispose();
    tf.dispose(variables as tf.NamedTensorMap);
  }
}
