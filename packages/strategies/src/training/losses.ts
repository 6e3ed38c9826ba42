import * as tf from "@tensorflow/tfjs-core";

/** Mean cross-entropy of logits (B, C) against int32 labels (B,). */
export const crossEntropy = (logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar =>
  tf.mean(rowCrossEntropy(logits, labels, 0));

/** Of labels that are a prompt's class: the picture may show another (docs/algorithm.md A9). */
export const promptLabelSmoothing = 0.1;

/** The same weighted by row (B,), against smoothed labels; 0 where all weights are. */
export const weightedCrossEntropy = (
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  weights: tf.Tensor1D,
  smoothing: number,
): tf.Scalar =>
  tf.div(
    tf.sum(tf.mul(weights, rowCrossEntropy(logits, labels, smoothing))),
    tf.add(tf.sum(weights), 1e-8),
  );

function rowCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D, smoothing: number): tf.Tensor1D {
  const classes = logits.shape[1];
  const hot = tf.cast(tf.oneHot(labels, classes), "float32");
  const target = tf.add(tf.mul(hot, 1 - smoothing), smoothing / classes);
  return tf.neg(tf.sum(tf.mul(target, tf.logSoftmax(logits)), -1));
}

/**
 * T² Σ q g KL(Ȳ^{1/T} ‖ softmax(o/T)) / Σ q g with FedMKT's gate g: the teacher counts only where it
 * is surer of the class that is asked about than the client is (arXiv 2406.02224). Rows: (B, C), weights (B,).
 */
export function gatedDistillation(
  logits: tf.Tensor2D,
  target: tf.Tensor2D,
  asked: tf.Tensor1D,
  confidence: tf.Tensor1D,
  temperature: number,
): tf.Scalar {
  const hot = tf.cast(tf.oneHot(asked, logits.shape[1]), "float32");
  const theirs = tf.sum(tf.mul(hot, target), -1);
  // A constant to the gradient: comparisons have none in tfjs.
  const gateOf = tf.customGrad((x) => ({
    value: tf.cast(
      tf.greater(theirs, tf.sum(tf.mul(hot, tf.softmax(x as tf.Tensor2D)), -1)),
      "float32",
    ),
    gradFunc: () => tf.zerosLike(x as tf.Tensor2D),
  }));
  return softDistillation(logits, target, tf.mul(confidence, gateOf(logits)), temperature);
}

/** T² Σ q KL(Ȳ^{1/T} ‖ softmax(o/T)) / Σ q, whoever is the surer. Rows: (B, C), weights q (B,). */
export function softDistillation(
  logits: tf.Tensor2D,
  target: tf.Tensor2D,
  weights: tf.Tensor1D,
  temperature: number,
): tf.Scalar {
  const powered = tf.pow(tf.maximum(target, 1e-12), 1 / temperature);
  const soft = tf.div(powered, tf.sum(powered, -1, true));
  const logRatio = tf.sub(
    tf.log(tf.maximum(soft, 1e-12)),
    tf.logSoftmax(tf.div(logits, temperature)),
  );
  const divergence = tf.sum(tf.mul(soft, logRatio), -1);
  const total = tf.add(tf.sum(weights), 1e-8);
  return tf.mul(temperature ** 2, tf.div(tf.sum(tf.mul(weights, divergence)), total));
}

/** Mean KL(target ‖ softmax(logits)) of rows (B, C); the target's rows are distributions. */
export function divergence(logits: tf.Tensor2D, target: tf.Tensor2D): tf.Scalar {
  const logTarget = tf.log(tf.maximum(target, 1e-12));
  return tf.mean(tf.sum(tf.mul(target, tf.sub(logTarget, tf.logSoftmax(logits))), -1));
}

/**
 * -mean_i log Σ_{j∈P(i)} e^{z_i·g_j/τ} / Σ_j e^{z_i·g_j/τ}: CreamFL's inter-modal contrast with the
 * samples of the same group as positives. z (B, d), others (N, d), positives (B, N) of 0 and 1.
 */
export function interModalContrast(
  z: tf.Tensor2D,
  others: tf.Tensor2D,
  positives: tf.Tensor2D,
  temperature: number | tf.Tensor,
): tf.Scalar {
  const scores = tf.div(tf.matMul(z, tf.transpose(others)), temperature) as tf.Tensor2D; // (B, N)
  const masked = tf.add(scores, tf.mul(tf.sub(positives, 1), 1e9));
  return tf.mean(tf.sub(tf.logSumExp(scores, 1), tf.logSumExp(masked, 1)));
}

/** MOON's contrast (arXiv 2103.16257): towards the fused row, away from the row before the round. */
export function intraModalContrast(
  z: tf.Tensor2D,
  fused: tf.Tensor2D,
  before: tf.Tensor2D,
  temperature: number,
): tf.Scalar {
  const towards = tf.div(tf.sum(tf.mul(z, fused), -1), temperature);
  const away = tf.div(tf.sum(tf.mul(z, before), -1), temperature);
  return tf.mean(tf.softplus(tf.sub(away, towards))); // -log σ(towards - away)
}

/** μ/2 Σ ‖w - w_global‖² over all variables (FedProx): its gradient is μ (w - w_global). */
export const proximalTerm = (
  variables: readonly tf.Tensor[],
  global: readonly tf.Tensor[],
  mu: number, // μ
): tf.Scalar =>
  tf.mul(
    mu / 2,
    tf.addN(variables.map((w, i) => tf.sum(tf.square(tf.sub(w, global[i]))) as tf.Scalar)),
  );
