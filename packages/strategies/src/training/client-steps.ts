import { type LabelledSet, type Modality, modalitiesOf } from "@tandem/core/data";
import { fusedLogits, type HeadTemperatures } from "@tandem/core/fused-logits";
import type { ModelOutput, TrainingBatch, TrainOptions } from "@tandem/core/model";
import { rowsWith } from "@tandem/core/presence";
import type { Rng } from "@tandem/core/rng";
import type { FitContext, Metrics } from "@tandem/core/strategy";
import * as tf from "@tensorflow/tfjs-core";
import { argMax } from "../aggregation/rows";
import { crossEntropy, promptLabelSmoothing, weightedCrossEntropy } from "./losses";
import { pairLoss } from "./pair-loss";

export type LocalTraining = {
  readonly localEpochs: number;
  readonly warmUpEpochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly logitAdjustment: boolean;
};

/** log π_c of a client's own samples, with one more sample a class so that none is impossible. */
export function logPrior(labels: ArrayLike<number>, classes: number): Float32Array {
  const counts = new Float32Array(classes).fill(1);
  for (let i = 0; i < labels.length; i++) counts[labels[i]]++;
  return counts.map((count) => Math.log(count / (labels.length + classes)));
}

/** Of each head: of the samples that have its modality. */
export type Priors = Readonly<Partial<Record<Modality, Float32Array>>>;
export const logPriors = (data: LabelledSet, classes: number): Priors => {
  const priorOf = (modality: Modality) =>
    logPrior(
      Array.from(rowsWith(data, modality), (row) => data.labels[row]),
      classes,
    );
  return { image: priorOf("image"), text: priorOf("text") };
};

/** Loss of a head's logits (B, C) over the samples that `present` (B,) has a 1 for; absent: all. */
type HeadLoss = (
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  of: { readonly modality: Modality; readonly present?: tf.Tensor1D | undefined },
) => tf.Scalar;

/** Mean over the heads: one a modality. */
export const meanOverHeads =
  (loss: HeadLoss): TrainOptions["loss"] =>
  ({ logits }, { labels, present }) => {
    const heads = Object.entries(logits) as [Modality, tf.Tensor2D][];
    const losses = heads.map(([modality, rows]) =>
      loss(rows, labels, { modality, present: present?.[modality] }),
    );
    return tf.div(tf.addN(losses), losses.length);
  };

/**
 * Mean of the heads' cross-entropies. A prior is added to its head's logits in training alone, so
 * that the model itself is for balanced classes (logit adjustment, arXiv 2007.07314).
 */
export const taskLoss = (priors: Priors = {}) =>
  meanOverHeads((logits, labels, { modality, present }) => {
    const prior = priors[modality];
    const adjusted: tf.Tensor2D = prior ? tf.add(logits, tf.tensor1d(prior)) : logits;
    return present
      ? weightedCrossEntropy(adjusted, labels, present, 0)
      : crossEntropy(adjusted, labels);
  });

/** What a client's own samples alone ask of its model; a strategy may classify by a loss of its own. */
export function localLoss(
  { model, data, classes }: Pick<FitContext, "model" | "data" | "classes">,
  config: Pick<LocalTraining, "logitAdjustment">,
  classify = taskLoss(config.logitAdjustment ? logPriors(data, classes.length) : {}),
): TrainOptions["loss"] {
  if (model.task === "classification") return classify;
  const match = pairLoss(model, data);
  if (model.task === "retrieval") return match;
  return (output, batch) => tf.add(classify(output, batch), match(output, batch));
}

/**
 * Some epochs of cross-entropy on the private samples; more of them in a client's first round. A
 * strategy may put its own loss in that one's place, and have variables of its own trained with it.
 */
export async function trainLocally(
  context: FitContext,
  config: LocalTraining,
  own: Partial<Pick<TrainOptions, "loss" | "variables">> = {},
): Promise<number> {
  const { loss } = await context.trainer.train({
    model: context.model,
    set: context.data,
    epochs: config.localEpochs + (context.isFirst ? config.warmUpEpochs : 0),
    batchSize: config.batchSize,
    learningRate: config.learningRate,
    rng: context.rng.fork("local"),
    loss: localLoss(context, config),
    onBatch: (done, total, now) => context.progress("train", done / total, now),
    signal: context.signal,
    ...own,
  });
  return loss;
}

export type SetTraining = { readonly transferEpochs: number; readonly learningRate: number };

/** Some epochs on synthetic samples; the loss says what there is to learn from them. */
export async function trainOnSet(
  context: FitContext,
  config: SetTraining,
  set: LabelledSet,
  loss: TrainOptions["loss"],
  rng: Rng = context.rng.fork("transfer"),
): Promise<void> {
  await context.trainer.train({
    model: context.model,
    set,
    epochs: config.transferEpochs,
    batchSize: 64,
    learningRate: config.learningRate,
    rng,
    loss,
    onBatch: (done, total, now) => context.progress("transfer", done / total, now),
    signal: context.signal,
  });
}

/** Smoothed cross-entropy against the classes that the prompts name, summed over the heads. */
export function promptLabelLoss({ logits }: ModelOutput, { labels }: TrainingBatch): tf.Scalar {
  const all = tf.ones([labels.size]) as tf.Tensor1D;
  return tf.addN(
    Object.values(logits).map((rows) =>
      weightedCrossEntropy(rows, labels, all, promptLabelSmoothing),
    ),
  );
}

/**
 * Accuracy on the test set: fused, in each of its parts too, and of each head; with the heads'
 * temperatures.
 */
export async function evaluateOnTest(
  { model, trainer, test, signal, progress }: FitContext,
  temperatures: HeadTemperatures = {},
): Promise<Metrics> {
  progress("evaluate", 0);
  const predictions = await trainer.predict(model, test, signal);
  const hits = (rows: readonly ArrayLike<number>[]) =>
    rows.map((row, i) => argMax(row) === test.labels[i]);
  const share = (of: readonly boolean[]) => of.filter(Boolean).length / of.length;
  const fused = hits(fusedLogits(predictions, temperatures));
  const metrics: Record<string, number> = { accuracy: share(fused) };
  for (const part of new Set(test.parts))
    metrics[`accuracy/part/${part}`] = share(fused.filter((_, i) => test.parts?.[i] === part));
  for (const modality of modalitiesOf(model.modality)) {
    const logits = predictions.logits[modality];
    if (logits)
      metrics[`accuracy/${modality}`] = share(
        hits(fusedLogits({ z: {}, logits: { [modality]: logits } })),
      );
  }
  for (const [modality, temperature] of Object.entries(temperatures))
    metrics[`temperature/${modality}`] = temperature;
  progress("evaluate", 1);
  return metrics;
}
