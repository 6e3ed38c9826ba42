import { type LabelledSet, type Modality, modalitiesOf } from "@tandem/core/data";
import type { ModelOutput, Predictions, TrainingBatch } from "@tandem/core/model";
import { onlyModalities } from "@tandem/core/presence";
import type { Rng } from "@tandem/core/rng";
import type { FitContext } from "@tandem/core/strategy";
import { type Arrays, arrayOf } from "@tandem/core/tensor";
import { matrixTensor } from "@tandem/engine/tensors";
import * as tf from "@tensorflow/tfjs-core";
import { asLabelledSet, type RememberedSet } from "../synthetic-set/remembered-sets";
import { promptLabelLoss, trainOnSet } from "../training/client-steps";
import {
  gatedDistillation,
  interModalContrast,
  intraModalContrast,
  promptLabelSmoothing,
  softDistillation,
  weightedCrossEntropy,
} from "../training/losses";
import type { FedmmktConfig } from "./config";

/** τ of both contrasts, and T of distillation. */
const [contrastTemperature, distillationTemperature] = [0.5, 2];

/**
 * Minimises λ_kd KD + inter- and intra-modal contrast + λ_pl pseudo-label cross-entropy on synthetic
 * samples with what the server knows of them; `before` is what the model said of them at the start
 * (docs/algorithm.md A9).
 */
export async function transfer(
  context: FitContext,
  config: FedmmktConfig,
  { set, knowledge }: { readonly set: LabelledSet; readonly knowledge: Arrays },
  before: Predictions,
  rng?: Rng,
): Promise<void> {
  const known = knowledgeTensors(knowledge, set, before);
  const loss = (output: ModelOutput, batch: TrainingBatch) =>
    transferLoss(config, known, output, batch);
  try {
    await trainOnSet(context, config, set, loss, rng);
  } finally {
    tf.dispose(known);
  }
}

/** Distillation alone, on the sets that were before a newcomer: what the others know (docs/algorithm.md A11). */
export async function warmUp(
  context: FitContext,
  config: FedmmktConfig,
  past: { readonly set: LabelledSet; readonly knowledge: Arrays },
): Promise<void> {
  const before = await context.trainer.predict(context.model, past.set, context.signal);
  const alone = { ...config, interModal: 0, intraModal: 0, pseudoLabels: 0 };
  await transfer(context, alone, past, before, context.rng.fork("warm-up"));
}

/** Modalities in which a client learns a set by its prompts, before its knowledge comes. */
export const learntAtOnce = (
  { client }: FitContext,
  { newestSet }: FedmmktConfig,
): readonly Modality[] =>
  modalitiesOf(client.modality).filter(
    (modality) => newestSet === "all" || (newestSet === "captions" && modality === "text"),
  );

/** A set in these modalities by its prompts alone. */
export function learnByPrompts(
  context: FitContext,
  config: FedmmktConfig,
  asked: RememberedSet,
  learnt: readonly Modality[],
): Promise<void> {
  const set = onlyModalities(asLabelledSet(asked), learnt);
  return trainOnSet(context, config, set, promptLabelLoss, context.rng.fork("newest"));
}

type KnowledgeTensors = ReturnType<typeof knowledgeTensors>;

/** All N samples at once; the caller owns them. */
function knowledgeTensors(knowledge: Arrays, set: LabelledSet, before: Predictions) {
  const rows = (name: string) => matrixTensor(arrayOf(knowledge, name, "f32"));
  return {
    fused: { image: rows("image"), text: rows("text") }, // (N, d)
    target: rows("target"), // (N, C)
    confidence: tf.tensor1d(arrayOf(knowledge, "confidence", "f32").data),
    accepted: tf.tensor1d(Float32Array.from(arrayOf(knowledge, "accepted", "u8").data)),
    labels: tf.tensor1d(set.labels, "int32"),
    before: Object.fromEntries(
      Object.entries(before.z).map(([modality, z]) => [modality, matrixTensor(z)]),
    ) as Partial<Record<Modality, tf.Tensor2D>>,
  };
}

function transferLoss(
  config: FedmmktConfig,
  known: KnowledgeTensors,
  output: ModelOutput,
  batch: TrainingBatch,
): tf.Scalar {
  const at = tf.tensor1d(batch.indices, "int32");
  const ofBatch = (rows: tf.Tensor2D) => tf.gather(rows, at); // (N, …) -> (B, …)
  const { labels } = batch;
  const same =
    config.positives === "class"
      ? tf.equal(tf.expandDims(labels, 1), tf.expandDims(known.labels, 0)) // (B, N)
      : tf.oneHot(at, known.labels.size);
  const positives = tf.cast(same, "float32") as tf.Tensor2D;
  const confidence = tf.gather(known.confidence, at);
  const accepted = tf.gather(known.accepted, at);
  const target = ofBatch(known.target);
  // Where prompts are evidence, what it all comes to stands for the class that the gate asks about.
  const gold: tf.Tensor1D = config.evidence !== "clients" ? tf.argMax(target, 1) : labels;
  const terms = (Object.keys(output.logits) as Modality[]).flatMap((modality) => {
    const [logits, z, before] = [
      output.logits[modality],
      output.z[modality],
      known.before[modality],
    ];
    if (!logits || !z || !before) return [];
    // A caption shows the class that its prompt names; a picture does only if the clients agree.
    const isKnown = modality === "text";
    const trusted = isKnown ? tf.onesLike(accepted) : accepted;
    const byLabel = () => weightedCrossEntropy(logits, labels, trusted, promptLabelSmoothing);
    const { fused } = known;
    const others = modality === "image" ? fused.text : fused.image;
    return [
      tf.mul(
        config.distillation,
        isKnown && config.evidence !== "clients"
          ? byLabel()
          : config.gate
            ? gatedDistillation(logits, target, gold, confidence, distillationTemperature)
            : softDistillation(logits, target, confidence, distillationTemperature),
      ),
      tf.mul(config.interModal, interModalContrast(z, others, positives, contrastTemperature)),
      tf.mul(
        config.intraModal,
        intraModalContrast(z, ofBatch(fused[modality]), ofBatch(before), contrastTemperature),
      ),
      tf.mul(config.pseudoLabels, byLabel()),
    ];
  });
  return tf.addN(terms as tf.Scalar[]);
}
