import type { Modality } from "@tandem/core/data";
import type { TrainingBatch } from "@tandem/core/model";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import type { FitContext, FitResult } from "@tandem/core/strategy";
import { arrayOf, underPrefix } from "@tandem/core/tensor";
import { matrixTensor } from "@tandem/engine/tensors";
import * as tf from "@tensorflow/tfjs-core";
import { sharedClassMeans } from "../aggregation/class-means";
import { evaluateOnTest, type LocalTraining, localLoss, trainLocally } from "./client-steps";

/** How a client learns from the means of its embeddings or scores. */
type MeansPull = {
  readonly of: "z" | "logits";
  readonly weight: number;
  readonly distance: Parameters<typeof towardsMeans>[3];
};

/**
 * Local training drawn to the means of the instruction; the update is the client's own, by a pass of
 * the trained model, where the public codes average what they saw while it still moved.
 */
export async function learnMeans(
  context: FitContext,
  instruction: Payload,
  { config, of, weight, distance }: MeansPull & { readonly config: LocalTraining },
): Promise<FitResult> {
  const { model, trainer, data, classes, signal } = context;
  const means = globalMeans(instruction);
  const task = localLoss(context, config);
  try {
    const loss = await trainLocally(context, config, {
      loss: (output, batch) =>
        tf.add(
          task(output, batch),
          tf.mul(weight, towardsMeans(output[of], batch, means, distance)),
        ),
    });
    context.progress("extract", 0);
    const own = await trainer.predict(model, data, signal);
    context.progress("extract", 1);
    const arrays = sharedClassMeans(own[of], data, classes.length);
    return {
      update: { arrays, meta: {} },
      memory: emptyPayload,
      metrics: { loss, ...(await evaluateOnTest(context)) },
    };
  } finally {
    tf.dispose(means as tf.NamedTensorMap);
  }
}

/** Means (C, w) and a 1 for each class that has one (C,). */
type GlobalMeans = Readonly<
  Partial<Record<Modality, { readonly means: tf.Tensor2D; readonly held: tf.Tensor1D }>>
>;

/** Of the instruction; none before anybody has answered. The caller owns them. */
const globalMeans = ({ arrays }: Payload): GlobalMeans =>
  Object.fromEntries(
    Object.keys(underPrefix("mean/", arrays)).map((modality) => {
      const means = matrixTensor(arrayOf(arrays, `mean/${modality}`, "f32"));
      const held = Float32Array.from(arrayOf(arrays, `held/${modality}`, "u8").data);
      return [modality, { means, held: tf.tensor1d(held) }];
    }),
  );

/**
 * Mean over modalities of the loss of rows (B, w) against the mean of each one's class (B, w); `held`
 * (B,) is 0 where the class has none, or the sample lacks the modality. 0 before the first means.
 */
export function towardsMeans(
  rows: Readonly<Partial<Record<Modality, tf.Tensor2D>>>,
  { labels, present }: Pick<TrainingBatch, "labels" | "present">,
  global: GlobalMeans,
  loss: (rows: tf.Tensor2D, means: tf.Tensor2D, held: tf.Tensor1D) => tf.Scalar,
): tf.Scalar {
  const losses = (Object.keys(rows) as Modality[]).flatMap((modality) => {
    const [own, known] = [rows[modality], global[modality]];
    if (!own || !known) return [];
    const there = present?.[modality];
    const held = tf.gather(known.held, labels);
    return [loss(own, tf.gather(known.means, labels), there ? tf.mul(held, there) : held)];
  });
  return losses.length > 0 ? tf.div(tf.addN(losses), losses.length) : tf.scalar(0);
}
