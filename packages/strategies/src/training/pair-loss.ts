import type { LabelledSet } from "@tandem/core/data";
import type { ClientModel, TrainOptions } from "@tandem/core/model";
import { isPresent } from "@tandem/core/presence";
import * as tf from "@tensorflow/tfjs-core";
import { interModalContrast } from "./losses";

/** As in CLIP's code: a logit scale of at most 100. */
const minTemperature = 0.01;

/**
 * Symmetric InfoNCE of a batch's pairs at the model's own temperature: mean of the contrast of
 * pictures with captions and of captions with pictures, equal captions being positives of each other.
 * 0 where fewer than two samples have both.
 */
export function pairLoss(
  { variables }: Pick<ClientModel, "variables">,
  data: LabelledSet,
): TrainOptions["loss"] {
  const logTemperature = variables["retrieval.logTemperature"];
  if (!logTemperature) throw new Error("the model has no temperature to match pairs with");
  return ({ z: { image, text } }, { indices }) => {
    if (!image || !text) throw new Error("pairs are matched by models of both modalities");
    const pairs = Array.from(indices.keys()).filter((at) =>
      (["image", "text"] as const).every((modality) => isPresent(data, modality, indices[at])),
    );
    // Still a function of the weights, which have to have a gradient.
    if (pairs.length < 2) return tf.mul(0, tf.add(tf.sum(image), tf.sum(text)));
    const captions = pairs.map((at) => data.captions?.[indices[at]]);
    const same = captions.map((own) => captions.map((other) => Number(own === other)));
    const positives = tf.tensor2d(same);
    const rows = tf.tensor1d(pairs, "int32");
    const [pictures, texts] = [tf.gather(image, rows), tf.gather(text, rows)];
    const tau = tf.maximum(tf.exp(logTemperature), minTemperature); // τ
    const toTexts = interModalContrast(pictures, texts, positives, tau);
    return tf.mul(0.5, tf.add(toTexts, interModalContrast(texts, pictures, positives, tau)));
  };
}
