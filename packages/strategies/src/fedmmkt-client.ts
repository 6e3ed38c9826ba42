import { type LabelledSet, type Modality, modalitiesOf } from "@tandem/core/data";
import type { ModelOutput, Predictions, TrainingBatch } from "@tandem/core/model";
import type { Payload, WireEncoding } from "@tandem/core/payload";
import type { ClientHalf, FitContext } from "@tandem/core/strategy";
import { type Arrays, arrayOf, f32, type TensorData, u8 } from "@tandem/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { logSumExp } from "./aggregation";
import { evaluateOnTest, fusedLogits, trainLocally } from "./client-steps";
import type { FedmmktConfig } from "./fedmmkt-config";
import { gatedDistillation, interModalContrast, intraModalContrast } from "./losses";

/** A synthetic set as a client of this modality sees it. */
export function syntheticSet(arrays: Arrays, meta: Payload["meta"]): LabelledSet {
  const labels = Int32Array.from(meta.labels as readonly number[]);
  const captions = meta.captions as readonly string[];
  const images = arrays.images && arrayOf(arrays, "images", "u8");
  return { size: labels.length, labels, captions, ...(images && { images }) };
}

/** Local epochs, transfer on the last synthetic set, extraction on the new one. */
export function fedmmktClient(config: FedmmktConfig): ClientHalf {
  return {
    async fit(context, instruction) {
      const { memory, model, trainer, signal } = context;
      const last =
        memory.meta.set === undefined ? undefined : syntheticSet(memory.arrays, memory.meta);
      const knows =
        "target" in instruction.arrays && memory.meta.set === instruction.meta.knowledgeOf;
      // z_old of the intra-modal contrast is what the model says before this round's training.
      const before = last && knows ? await trainer.predict(model, last, signal) : undefined;
      const loss = await trainLocally(context, config);
      if (last && before) await transfer(context, config, last, before, instruction.arrays);

      const set = syntheticSet(instruction.arrays, instruction.meta);
      context.progress("extract", 0);
      const predictions = await trainer.predict(model, set, signal);
      context.progress("extract", 1);
      const update = extract(predictions, context, Number(instruction.meta.set));
      const { images } = instruction.arrays;
      const { set: number, labels, captions } = instruction.meta;
      return {
        update,
        memory: {
          arrays: images ? { images } : {},
          meta: { set: number, labels, captions },
          ...(images && { encoding: { images: "png" as const } }),
        },
        metrics: { loss, ...(await evaluateOnTest(context)) },
      };
    },
  };
}

/** Minimises λ_kd KD + γ (inter + intra) + λ_pl pseudo-label cross-entropy on the last set. */
async function transfer(
  context: FitContext,
  config: FedmmktConfig,
  set: LabelledSet,
  before: Predictions,
  knowledge: Arrays,
) {
  const rows = (name: string) => {
    const { shape, data } = arrayOf(knowledge, name, "f32");
    return tf.tensor2d(data, [shape[0], shape[1]]);
  };
  const fused = { image: rows("image"), text: rows("text") };
  const target = rows("target");
  const confidence = tf.tensor1d(arrayOf(knowledge, "confidence", "f32").data);
  const accepted = tf.tensor1d(Float32Array.from(arrayOf(knowledge, "accepted", "u8").data));
  const labels = tf.tensor1d(set.labels, "int32");
  const old = Object.fromEntries(
    Object.entries(before.z).map(([name, { data, shape }]) => [
      name,
      tf.tensor2d(data, [shape[0], shape[1]]),
    ]),
  );
  const loss = (output: ModelOutput, batch: TrainingBatch): tf.Scalar => {
    const at = tf.tensor1d(batch.indices, "int32");
    const weights = tf.gather(accepted, at);
    const terms = (Object.keys(output.logits) as Modality[]).flatMap((modality) => {
      const logits = output.logits[modality];
      const z = output.z[modality];
      if (!logits || !z) return [];
      const other = modality === "image" ? fused.text : fused.image;
      const column = tf.expandDims(batch.labels, 1); // (B, 1)
      const positives = tf.cast(tf.equal(column, tf.expandDims(labels, 0)), "float32");
      const pseudo = tf.div(
        tf.sum(tf.mul(weights, perSample(logits, batch.labels))),
        tf.add(tf.sum(weights), 1e-8),
      );
      return [
        tf.mul(
          config.distillation,
          gatedDistillation(
            logits,
            tf.gather(target, at) as tf.Tensor2D,
            batch.labels,
            tf.gather(confidence, at),
            config.distillationTemperature,
          ),
        ),
        tf.mul(
          config.interModal,
          interModalContrast(z, other, positives as tf.Tensor2D, config.contrastTemperature),
        ),
        tf.mul(
          config.intraModal,
          intraModalContrast(
            z,
            tf.gather(fused[modality], at) as tf.Tensor2D,
            tf.gather(old[modality], at) as tf.Tensor2D,
            config.contrastTemperature,
          ),
        ),
        tf.mul(config.pseudoLabels, pseudo),
      ];
    });
    return tf.addN(terms as tf.Scalar[]);
  };
  try {
    await context.trainer.train({
      model: context.model,
      set,
      epochs: config.transferEpochs,
      batchSize: 64,
      learningRate: config.learningRate,
      rng: context.rng.fork("transfer"),
      loss,
      onBatch: (done, total, now) => context.progress("transfer", done / total, now),
      signal: context.signal,
    });
  } finally {
    tf.dispose([fused, target, confidence, accepted, labels, old]);
  }
}

/** Smoothed cross-entropy of each row: (B,). */
function perSample(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  const classes = logits.shape[1];
  const hot = tf.cast(tf.oneHot(labels, classes), "float32");
  const target = tf.add(tf.mul(hot, 0.9), 0.1 / classes);
  return tf.neg(tf.sum(tf.mul(target, tf.logSoftmax(logits)), -1));
}

/** Probabilities, unit embeddings, and the mask of samples inside what the client knows (DS-FL+). */
function extract(predictions: Predictions, context: FitContext, set: number): Payload {
  const logits = fusedLogits(predictions);
  const classes = context.classes.length;
  const probabilities = logits.map((row) => {
    const total = logSumExp(row);
    return row.map((value) => Math.exp(value - total));
  });
  const energies = logits.map((row) => -logSumExp(row));
  const held = new Set(context.data.labels).size / classes;
  const share = Math.min(1, held + 0.01 * context.round);
  const limit = [...energies].sort((a, b) => a - b)[Math.ceil(share * energies.length) - 1];
  const arrays: Record<string, TensorData> = {
    probabilities: f32(
      [logits.length, classes],
      probabilities.flatMap((row) => [...row]),
    ),
    mask: u8(
      [logits.length],
      energies.map((energy) => (energy <= limit ? 1 : 0)),
    ),
  };
  const encoding: Record<string, WireEncoding> = { probabilities: "f16" };
  for (const modality of modalitiesOf(context.client.modality)) {
    const z = predictions.z[modality];
    if (!z) continue;
    arrays[`z/${modality}`] = z;
    encoding[`z/${modality}`] = "i8-rows";
  }
  return { arrays, meta: { set }, encoding };
}
