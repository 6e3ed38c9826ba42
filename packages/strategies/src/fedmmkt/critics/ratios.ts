import type { LabelledSet } from "@tandem/core/data";
import { rowsWith } from "@tandem/core/presence";
import type { Rng } from "@tandem/core/rng";
import type { Arrays, TensorOf } from "@tandem/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { rowsByClass } from "../../synthetic-set/painted-set";
import { optimise } from "../../training/small-net";
import { criticise, initialCritic, oneHot, picturesTensor, runCritic } from "./net";

/** Answers are within ±limit. */
export const limit = 4;
export const bounded = (ratio: number) => Math.max(-limit, Math.min(limit, ratio));
/** A client speaks of classes of which it holds so many pictures. */
export const least = 5;
/** More tell more of which pictures a client holds (docs/algorithm.md A5). */
const usualBatches = 50;
const [pairs, learningRate, noise, smoothing] = [16, 4e-3, 0.05, 0.05];

/** r (N,), log odds that a picture is one's own and not painted, within ±4; and of which classes (C,) one speaks. */
export type Ratios = { readonly ratios: Float32Array; readonly held: Uint8Array };

export type Painted = { readonly images: TensorOf<"u8">; readonly labels: ArrayLike<number> };

type Options = {
  readonly classes: number;
  readonly rng: Rng;
  readonly signal: AbortSignal;
  /** Of each critic; for audits, as no round has others. */
  readonly batches?: number;
  readonly onStep?: (share: number) => void;
};

/**
 * Tells one's own pictures from painted ones of the same class, and answers for each painted one with the
 * log density ratio (docs/algorithm.md A5; after noise-contrastive estimation and projection
 * discriminators, arXiv 1802.05637). Each half of the set is answered for by the critic that has not seen
 * it. Needs a tfjs backend.
 */
export async function ratiosOf(
  own: LabelledSet,
  painted: Painted,
  options: Options,
): Promise<Ratios> {
  const { classes, rng } = options;
  const ratios = new Float32Array(painted.labels.length);
  const rows = rowsByClass(
    Array.from(own.labels),
    own.images ? [...rowsWith(own, "image")] : [],
    classes,
  );
  const held = Uint8Array.from(rows, (members) => Number(members.length >= least));
  const folds = foldsOf(painted.labels, classes, rng.fork("folds"));
  for (const fold of [0, 1]) {
    const seen = folds.flatMap((part, row) => (part === fold ? [row] : []));
    const unseen = folds.flatMap((part, row) => (part === fold ? [] : [row]));
    const known = rowsByClass(Array.from(painted.labels), seen, classes);
    const told = [...held.keys()].filter((c) => held[c] === 1 && known[c].length > 0);
    if (!own.images || told.length === 0 || unseen.length === 0) continue;
    const net = await trained(
      {
        own: { images: own.images, rows },
        painted: { images: painted.images, rows: known },
        told,
      },
      {
        ...options,
        rng: rng.fork(`critic ${fold}`),
        onStep: (share) => options.onStep?.((fold + share) / 2),
      },
    );
    const said = await criticise(net, painted.images, painted.labels);
    for (const row of unseen) ratios[row] = bounded(said[row]);
  }
  return { ratios, held };
}

/** 0 or 1 for each picture: half of each class. */
function foldsOf(labels: ArrayLike<number>, classes: number, rng: Rng): readonly number[] {
  const folds = new Array<number>(labels.length);
  const rows = Array.from({ length: labels.length }, (_, row) => row);
  for (const members of rowsByClass(Array.from(labels), rows, classes))
    rng.permutation(members.length).forEach((member, turn) => {
      folds[members[member]] = turn % 2;
    });
  return folds;
}

type Side = {
  readonly images: TensorOf<"u8">;
  readonly rows: readonly (readonly number[])[];
};

/** A batch is of pairs: a class by the root of how many are held, one's own picture and a painted one. */
function trained(
  {
    own,
    painted,
    told,
  }: { readonly own: Side; readonly painted: Side; readonly told: readonly number[] },
  { classes, rng, signal, batches = usualBatches, onStep }: Options,
): Promise<Arrays> {
  const shares = told.map((c) => Math.sqrt(own.rows[c].length));
  const bounds = shares.map((_, i) => shares.slice(0, i + 1).reduce((a, b) => a + b, 0));
  const drawClass = () => {
    const ticket = rng.uniform() * bounds[bounds.length - 1];
    return told[bounds.findIndex((bound) => ticket < bound)] ?? told[0];
  };
  const draw = (from: readonly number[]) => from[rng.integer(from.length)];
  const disturb = noiseOf(rng.fork("noise"));
  const targets = tf.tensor1d(
    Float32Array.from({ length: 2 * pairs }, (_, i) => (i < pairs ? 1 - smoothing : smoothing)),
  );
  const loss = (net: Readonly<Record<string, tf.Tensor>>) => {
    const labels = Int32Array.from({ length: pairs }, drawClass);
    const side = ({ images, rows }: Side) =>
      picturesTensor(
        images,
        Array.from(labels, (c) => draw(rows[c])),
      );
    const pictures = tf.concat([side(own), side(painted)]);
    const said = runCritic(
      net,
      tf.add(pictures, disturb(pictures.shape)),
      tf.tile(oneHot(labels, classes), [2, 1]),
    );
    // Cross-entropy of sigmoids: log(1 + e^s) - t s.
    return tf.mean(tf.sub(tf.softplus(said), tf.mul(targets, said))) as tf.Scalar;
  };
  return optimise(initialCritic(classes, rng.fork("weights")), {
    steps: batches,
    learningRate,
    loss,
    signal,
    ...(onStep && { onStep: (done) => onStep(done / batches) }),
  }).finally(() => targets.dispose());
}

/** Normal noise out of one long stretch of it, from another place each time: to draw it anew costs more than to learn. */
function noiseOf(rng: Rng) {
  const stretch = Float32Array.from({ length: 1 << 16 }, () => noise * rng.normal());
  return (shape: [number, number, number, number]): tf.Tensor4D => {
    const size = shape[0] * shape[1] * shape[2] * shape[3];
    const values = new Float32Array(size);
    for (let at = 0; at < size; ) {
      const from = rng.integer(stretch.length);
      const part = stretch.subarray(from, from + Math.min(size - at, stretch.length - from));
      values.set(part, at);
      at += part.length;
    }
    return tf.tensor4d(values, shape);
  };
}
