import type { LabelledSet } from "@tandem/core/data";
import { createRng, type Rng } from "@tandem/core/rng";
import { type Arrays, arrayOf, f32, type TensorOf, takeRows } from "@tandem/core/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** A judge that no party trains: 64 features and the logits of each picture. */
export type Judgement = { readonly features: TensorOf<"f32">; readonly logits: TensorOf<"f32"> };

const widths = [3, 32, 64, 64] as const;

type Weights = Readonly<Record<string, tf.Tensor>>;

function forward(weights: Weights, images: tf.Tensor4D) {
  let h: tf.Tensor4D = tf.sub(tf.div(images, 127.5), 1);
  for (let i = 0; i < widths.length - 1; i++)
    h = tf.relu(
      tf.add(
        tf.conv2d(h, weights[`conv${i}.weight`] as tf.Tensor4D, 2, "same"),
        weights[`conv${i}.bias`],
      ),
    );
  const features = tf.mean(h, [1, 2]) as tf.Tensor2D; // (B, 64)
  const logits = tf.add(
    tf.matMul(features, weights["head.weight"] as tf.Tensor2D),
    weights["head.bias"],
  );
  return { features, logits: logits as tf.Tensor2D };
}

function initialWeights(classes: number, rng: Rng): Arrays {
  const normal = (name: string, shape: readonly number[], deviation: number) => {
    const own = rng.fork(name);
    const size = shape.reduce((a, b) => a * b, 1);
    return f32(
      shape,
      Float32Array.from({ length: size }, () => own.normal() * deviation),
    );
  };
  const arrays: Record<string, TensorOf<"f32">> = {
    "head.weight": normal("head", [64, classes], 0.1),
    "head.bias": f32([classes], new Float32Array(classes)),
  };
  for (let i = 0; i < widths.length - 1; i++) {
    const shape = [3, 3, widths[i], widths[i + 1]];
    arrays[`conv${i}.weight`] = normal(`conv${i}`, shape, Math.sqrt(2 / (9 * widths[i])));
    arrays[`conv${i}.bias`] = f32([widths[i + 1]], new Float32Array(widths[i + 1]));
  }
  return arrays;
}

const tensors = (arrays: Arrays): Weights =>
  Object.fromEntries(
    Object.keys(arrays).map((name) => {
      const { data, shape } = arrayOf(arrays, name, "f32");
      return [name, tf.tensor(data, [...shape])];
    }),
  );

/** Trains with Adam, random shifts and flips. Same seed, same judge. */
export async function trainEvaluator(
  set: LabelledSet,
  options: {
    readonly classes: number;
    readonly epochs: number;
    readonly seed: number;
    /** Grey level around a picture that has been shifted; white by default. */
    readonly background?: number;
    readonly onEpoch?: (epoch: number, loss: number) => void;
  },
): Promise<Arrays> {
  const { classes, epochs, seed, background = 255 } = options;
  const rng = createRng(`evaluator/${seed}`);
  const start = tensors(initialWeights(classes, rng));
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
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const arrays = Object.fromEntries(
    Object.entries(variables).map(([name, v]) => [name, f32(v.shape, v.dataSync())]),
  );
  tf.dispose(variables);
  optimizer.dispose();
  return arrays;
}

const imageTensor = ({ data, shape }: TensorOf<"u8">) =>
  tf.tensor4d(data, shape as [number, number, number, number], "float32");

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
  const classes = weights["head.bias"].shape[0];
  const features = new Float32Array(count * 64);
  const logits = new Float32Array(count * classes);
  for (let from = 0; from < count; from += 128) {
    const rows = Int32Array.from({ length: Math.min(128, count - from) }, (_, i) => from + i);
    tf.tidy(() => {
      const out = forward(tensors(weights), imageTensor(takeRows(images, rows)));
      features.set(out.features.dataSync(), from * 64);
      logits.set(out.logits.dataSync(), from * classes);
    });
  }
  return { features: f32([count, 64], features), logits: f32([count, classes], logits) };
}

/** Share of rows whose largest logit is the label. */
export function accuracy({ data, shape }: TensorOf<"f32">, labels: ArrayLike<number>): number {
  const [count, classes] = shape;
  let hits = 0;
  for (let row = 0; row < count; row++) {
    const own = data.subarray(row * classes, (row + 1) * classes);
    if (own.indexOf(Math.max(...own)) === labels[row]) hits++;
  }
  return hits / count;
}
