import type { LabelledSet } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import { type Arrays, f32, type TensorOf, takeRows } from "@tandem/core/tensor";
import { nextTask } from "@tandem/engine/next-task";
import { imageTensor, tensorsOf } from "@tandem/engine/tensors";
import * as tf from "@tensorflow/tfjs-core";
import { type Architecture, architectureOf, networks } from "./evaluator-networks";

export { accuracy } from "./predictions";

/** A judge that no party trains: 64 features and the logits of each picture. */
export type Judgement = { readonly features: TensorOf<"f32">; readonly logits: TensorOf<"f32"> };

/** Trains with Adam, random shifts and flips. Same seed, same judge. */
export async function trainEvaluator(
  set: LabelledSet,
  options: {
    readonly classes: number;
    readonly epochs: number;
    readonly seed: number;
    readonly architecture?: Architecture;
    /** Grey level around a picture that has been shifted; white by default. */
    readonly background?: number;
    readonly onEpoch?: (epoch: number, loss: number) => void;
  },
): Promise<Arrays> {
  const { classes, epochs, seed, architecture = "a", background = 255 } = options;
  const { initialise, forward } = networks[architecture];
  const rng = createRng(architecture === "a" ? `evaluator/${seed}` : `evaluator/b/${seed}`);
  const start = tensorsOf(initialise(classes, rng));
  const variables = Object.fromEntries(
    Object.entries(start).map(([name, tensor]) => [name, tf.variable(tensor)]),
  );
  tf.dispose(start);
  const optimizer = tf.train.adam(1e-3);
  if (!set.images) throw new Error("the set holds no images");
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = rng.permutation(set.size);
    let sum = 0;
    for (let from = 0; from < set.size; from += 64) {
      const rows = order.slice(from, from + 64);
      const [dx, dy, flipped] = [rng.integer(5) - 2, rng.integer(5) - 2, rng.uniform() < 0.5];
      const part = takeRows(set.images, rows);
      const loss = tf.tidy(() => {
        const images = moved(imageTensor(part), { dx, dy, flipped, background });
        const hot = tf.oneHot(
          tf.tensor1d(
            rows.map((row) => set.labels[row]),
            "int32",
          ),
          classes,
        );
        const cost = optimizer.minimize(
          () => {
            const { logits } = forward(variables, images);
            return tf.neg(tf.mean(tf.sum(tf.mul(hot, tf.logSoftmax(logits)), -1)));
          },
          true,
          Object.values(variables),
        );
        return cost?.dataSync()[0] ?? Number.NaN;
      });
      sum += loss * rows.length;
    }
    options.onEpoch?.(epoch, sum / set.size);
    await nextTask();
  }
  const arrays = Object.fromEntries(
    Object.entries(variables).map(([name, v]) => [name, f32(v.shape, v.dataSync())]),
  );
  tf.dispose(variables);
  optimizer.dispose();
  return arrays;
}

function moved(
  images: tf.Tensor4D,
  {
    dx,
    dy,
    flipped,
    background,
  }: {
    readonly dx: number;
    readonly dy: number;
    readonly flipped: boolean;
    readonly background: number;
  },
): tf.Tensor4D {
  const [, height, width] = images.shape;
  const padded = tf.pad(
    images,
    [
      [0, 0],
      [2, 2],
      [2, 2],
      [0, 0],
    ],
    background,
  );
  const shifted = tf.slice(padded, [0, 2 + dy, 2 + dx, 0], [-1, height, width, -1]);
  return flipped ? tf.reverse(shifted, 2) : shifted;
}

/** Judges pictures (N, h, w, 3), 128 at a time. */
export function judge(weights: Arrays, images: TensorOf<"u8">): Judgement {
  const [count] = images.shape;
  const { forward } = networks[architectureOf(weights)];
  const classes = weights["head.bias"].shape[0];
  const features = new Float32Array(count * 64);
  const logits = new Float32Array(count * classes);
  for (let from = 0; from < count; from += 128) {
    const rows = Int32Array.from({ length: Math.min(128, count - from) }, (_, i) => from + i);
    tf.tidy(() => {
      const out = forward(tensorsOf(weights), imageTensor(takeRows(images, rows)));
      features.set(out.features.dataSync(), from * 64);
      logits.set(out.logits.dataSync(), from * classes);
    });
  }
  return { features: f32([count, 64], features), logits: f32([count, classes], logits) };
}
