import { modalitiesOf } from "@tandem/core/data";
import type { Payload } from "@tandem/core/payload";
import type { Rng } from "@tandem/core/rng";
import type { FitContext } from "@tandem/core/strategy";
import { arrayOf } from "@tandem/core/tensor";
import { matrixTensor } from "@tandem/engine/tensors";
import * as tf from "@tensorflow/tfjs-core";
import { type SetTraining, trainOnSet } from "../training/client-steps";
import { joined, type RememberedSet, recall } from "./remembered-sets";

/** The latest cached sets that are known in all of the client's modalities: answers may be missing. */
export const knownSets = (
  { memory, model }: FitContext,
  instruction: Payload,
  cachedSets: number,
): readonly RememberedSet[] =>
  recall(memory, instruction)
    .filter(({ knowledge = {} }) =>
      modalitiesOf(model.modality).every((modality) => modality in knowledge),
    )
    .slice(-cachedSets);

/** Moves each head towards its target of the sets: the loss is summed over the client's modalities. */
export async function learnFrom(
  context: FitContext,
  config: SetTraining,
  known: readonly RememberedSet[],
  loss: (logits: tf.Tensor2D, target: tf.Tensor2D) => tf.Scalar,
  rng?: Rng,
): Promise<void> {
  if (known.length === 0) return;
  const { set, knowledge } = joined(known);
  const targets = modalitiesOf(context.model.modality).map((modality) => {
    return { modality, rows: matrixTensor(arrayOf(knowledge, modality, "f32")) };
  });
  try {
    await trainOnSet(
      context,
      config,
      set,
      ({ logits }, { indices }) => {
        const at = tf.tensor1d(indices, "int32");
        const terms = targets.map(({ modality, rows }) => {
          const own = logits[modality];
          if (!own) throw new Error(`the model does not answer for ${modality}`);
          return loss(own, tf.gather(rows, at));
        });
        return tf.addN(terms);
      },
      rng,
    );
  } finally {
    for (const { rows } of targets) rows.dispose();
  }
}
