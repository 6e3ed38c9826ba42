import type { Payload } from "@tandem/core/payload";
import type { ServerEnv, ServerStep } from "@tandem/core/strategy";
import {
  type Arrays,
  addPrefix,
  arrayOf,
  f32,
  type TensorOf,
  underPrefix,
} from "@tandem/core/tensor";
import { tensorsOf } from "@tandem/engine/tensors";
import * as tf from "@tensorflow/tfjs-core";
import { classMeans } from "../aggregation/class-means";
import { matrix } from "../aggregation/rows";
import { optimise, runNet } from "../training/small-net";
import { maximumMeanDiscrepancy } from "./losses";

/** Unit mean (C,) of one client's class scores over its samples of a class, in one modality. */
export type Prototype = { readonly row: ArrayLike<number>; readonly label: number };

const batchSize = 100;

/**
 * Trains the net so that what it makes of the prototypes is spread as noise is, near the centroid of
 * their class; the centroids, trained with it, are the classes' means before and after. A class without
 * a prototype keeps its own.
 */
export async function align(
  config: {
    readonly alignmentEpochs: number;
    readonly alignmentRate: number;
    readonly centroidWeight: number;
  },
  state: Payload,
  prototypes: readonly Prototype[],
  { rng, signal, progress }: ServerEnv,
): Promise<ServerStep> {
  if (prototypes.length === 0) return { state, metrics: {} };
  const labels = prototypes.map(({ label }) => label);
  const rows = matrix(prototypes.map(({ row }) => row)); // (M, C)
  const before = arrayOf(state.arrays, "centroids", "f32");
  const size = before.shape[1];
  const perEpoch = Math.ceil(labels.length / batchSize);
  const steps = config.alignmentEpochs * perEpoch;
  const [order, normal] = [rng.fork("order"), rng.fork("normal")];
  let shuffled = order.permutation(labels.length);
  let last = 0;
  const initial = {
    ...underPrefix("net/", state.arrays),
    centroids: await centroidsOf(underPrefix("net/", state.arrays), rows, labels, before),
  };
  const { centroids: _, ...net } = await optimise(initial, {
    steps,
    learningRate: config.alignmentRate,
    loss(variables, step) {
      if (step > 0 && step % perEpoch === 0) shuffled = order.permutation(labels.length);
      const at = shuffled.subarray((step % perEpoch) * batchSize).slice(0, batchSize);
      const { rows: given } = tensorsOf({ rows });
      const noise = runNet(variables, tf.gather(given, at) as tf.Tensor2D); // (B, L)
      const values = Float32Array.from({ length: at.length * size }, () => normal.normal());
      const own = tf.gather(
        variables.centroids,
        Int32Array.from(at, (row) => labels[row]),
      );
      return tf.add(
        maximumMeanDiscrepancy(noise, tf.tensor2d(values, [at.length, size])),
        tf.mul(config.centroidWeight, tf.mean(tf.square(tf.sub(noise, own)))),
      );
    },
    signal,
    onStep(done, loss) {
      last = loss;
      progress(done / steps, "aligning prototypes with the teacher's noise");
    },
  });
  const centroids = await centroidsOf(net, rows, labels, before);
  return {
    state: { ...state, arrays: { ...state.arrays, ...addPrefix("net/", net), centroids } },
    metrics: { "loss/alignment": last },
  };
}

/** Of each class that has prototypes: the mean of what the net makes of them. (C, L) */
async function centroidsOf(
  net: Arrays,
  rows: TensorOf<"f32">,
  labels: readonly number[],
  before: TensorOf<"f32">,
): Promise<TensorOf<"f32">> {
  const [classes, size] = before.shape;
  const made = tf.tidy(() => {
    const { given, ...layers } = tensorsOf({ ...net, given: rows });
    return runNet(layers, given as tf.Tensor2D);
  });
  const noise = f32([labels.length, size], await made.data<"float32">());
  made.dispose();
  const { "mean/image": mean, "held/image": held } = classMeans({ image: noise }, labels, classes);
  const values = before.data.map((value, at) =>
    held.data[Math.floor(at / size)] ? mean.data[at] : value,
  );
  return f32(before.shape, values);
}
