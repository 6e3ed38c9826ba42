import * as tf from "@tensorflow/tfjs-core";
import { crossEntropy, weightedCrossEntropy } from "../training/losses";

/**
 * cos of the angles between rows h (B, C) and the vertices V_c = √(C/(C-1)) (e_c - 1/C) of a simplex
 * ETF. The code turns V by a random rotation, which a head that learns from its start undoes; without
 * it the closest vertex is the class of the largest h.
 */
export function etfCosines(h: tf.Tensor2D): tf.Tensor2D {
  const classes = h.shape[1];
  const norm = tf.sqrt(tf.add(tf.sum(tf.square(h), -1, true), 1e-12));
  const centred = tf.sub(h, tf.mean(h, -1, true));
  return tf.mul(Math.sqrt(classes / (classes - 1)), tf.div(centred, norm));
}

/** ArcFace (arXiv 1801.07698): CE of s cos θ_c, with cos(θ_y + m) in place of the label's own. */
export function arcFace(
  h: tf.Tensor2D,
  labels: tf.Tensor1D,
  { margin = 0.5, scale = 64, prior, present }: ArcFaceOptions = {},
): tf.Scalar {
  const cosine = etfCosines(h);
  const hot = tf.cast(tf.oneHot(labels, h.shape[1]), "float32");
  // The root of 0 has no gradient.
  const sine = tf.sqrt(tf.maximum(tf.sub(1, tf.square(cosine)), 1e-6));
  const further = tf.sub(tf.mul(cosine, Math.cos(margin)), tf.mul(sine, Math.sin(margin)));
  const turned = tf.add(cosine, tf.mul(hot, tf.sub(further, cosine)));
  const scores = tf.mul(scale, turned) as tf.Tensor2D;
  const adjusted: tf.Tensor2D = prior ? tf.add(scores, tf.tensor1d(prior)) : scores;
  return present
    ? weightedCrossEntropy(adjusted, labels, present, 0)
    : crossEntropy(adjusted, labels);
}
export type ArcFaceOptions = {
  readonly margin?: number;
  readonly scale?: number;
  /** (C,) added to the scores, as logit adjustment does. */
  readonly prior?: Float32Array | undefined;
  /** (B,) of 1 where a row counts and 0 where not; absent: all do. */
  readonly present?: tf.Tensor1D | undefined;
};

const bandwidths = [10, 15, 20, 50];

/**
 * Squared maximum mean discrepancy of rows x and y (B, L) each: mean of k(x, x') + k(y, y') - 2 k(x, y),
 * k = Σ_a exp(-d² / 2a), d² in units of L/20. The code has no unit: of normal vectors d² is about 2L,
 * and beyond some hundred dimensions every k but the diagonal's would vanish, with its gradient.
 */
export function maximumMeanDiscrepancy(x: tf.Tensor2D, y: tf.Tensor2D): tf.Scalar {
  const unit = x.shape[1] / 20;
  const kernel = (a: tf.Tensor2D, b: tf.Tensor2D) => {
    const squares = (rows: tf.Tensor2D) => tf.sum(tf.square(rows), -1, true); // (B, 1)
    const products = tf.matMul(a, tf.transpose(b));
    const distances = tf.div(
      tf.sub(tf.add(squares(a), tf.transpose(squares(b))), tf.mul(2, products)),
      unit,
    );
    return tf.addN(bandwidths.map((width) => tf.exp(tf.mul(-0.5 / width, distances))));
  };
  return tf.mean(tf.sub(tf.add(kernel(x, x), kernel(y, y)), tf.mul(2, kernel(x, y))));
}
