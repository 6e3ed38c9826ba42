import { modalitiesOf } from "@tandem/core/data";
import type { Payload } from "@tandem/core/payload";
import type { FitContext, Metrics, Strategy } from "@tandem/core/strategy";
import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod/mini";
import { classMeanServer } from "./aggregation/class-mean-server";
import { argMax, mean, rowsOf } from "./aggregation/rows";
import { localTraining, real } from "./config-fields";
import type { LocalTraining } from "./training/client-steps";
import { learnMeans } from "./training/towards-means";

/** Mean over B·d of (z - P̄_y)²; samples whose class has no prototype yet count as 0. */
export const prototypeLoss = (
  rows: tf.Tensor2D,
  prototypes: tf.Tensor2D,
  held: tf.Tensor1D,
): tf.Scalar => tf.mean(tf.mul(tf.expandDims(held, 1), tf.squaredDifference(rows, prototypes)));

/** Of test samples, whose nearest prototype of a modality is their own class's; mean over modalities. */
async function prototypeAccuracy(context: FitContext, instruction: Payload): Promise<Metrics> {
  const { model, trainer, test, signal } = context;
  const known = modalitiesOf(model.modality).filter((m) => `mean/${m}` in instruction.arrays);
  if (known.length === 0) return {};
  const predictions = await trainer.predict(model, test, signal);
  const shares = known.map((modality) => {
    const prototypes = rowsOf(instruction.arrays, `mean/${modality}`);
    const held = instruction.arrays[`held/${modality}`].data;
    const rows = rowsOf(predictions.z, modality);
    const right = rows.filter((row, i) => nearest(row, prototypes, held) === test.labels[i]);
    return right.length / rows.length;
  });
  return { "accuracy/prototypes": mean(shares) };
}

/** Class of the closest prototype among those that are held. */
export function nearest(
  row: ArrayLike<number>,
  prototypes: readonly ArrayLike<number>[],
  held: ArrayLike<number>,
): number {
  const closeness = prototypes.map((prototype, c) => {
    let distance = 0;
    for (let j = 0; j < row.length; j++) distance += (row[j] - prototype[j]) ** 2;
    return held[c] ? -distance : -Infinity;
  });
  return argMax(closeness);
}

/**
 * Class prototypes instead of weights. Ours are means of the unit embeddings z, one set a modality,
 * because the features below the heads differ in width; so z is what the prototypes pull on, and the
 * heads, which FedProto only trains with, are what `accuracy` reports.
 */
export const fedproto: Strategy<LocalTraining & { readonly prototypeWeight: number }> = {
  name: "fedproto",
  title: "FedProto",
  summary:
    "Clients upload the mean embedding of each of their classes and are drawn to the mean over all clients.",
  source: "Tan et al., arXiv 2105.00243; HtFLlib, clientproto (https://github.com/TsingZ0/HtFLlib)",
  disclosure:
    "For each class of which you hold five samples or more: the mean of your model's descriptions of your samples, a list of numbers, and with it which classes these are. Your model's weights stay. A mean over few samples can say much about each of them.",
  needs: { teacher: false, equalArchitectures: false, modalities: ["image", "text"] },
  config: z.strictObject({
    ...localTraining,
    prototypeWeight: real(
      { value: 10, from: 0, to: 1000 },
      "Weight of prototypes",
      "How strongly a client's embedding of a sample is drawn to the prototype of its class (λ). 0: not at all.",
    ),
  }),
  // Means of unit rows are no longer than 1, but for rounding.
  server: () => classMeanServer({ limit: 1.001, width: () => undefined }),
  client: (config) => ({
    async fit(context, instruction) {
      const result = await learnMeans(context, instruction, {
        config,
        of: "z",
        weight: config.prototypeWeight,
        distance: prototypeLoss,
      });
      const accuracy = await prototypeAccuracy(context, instruction);
      return { ...result, metrics: { ...result.metrics, ...accuracy } };
    },
  }),
};
