import type { Strategy } from "@tandem/core/strategy";
import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod/mini";
import { classMeanServer } from "./aggregation/class-mean-server";
import { localTraining, real } from "./config-fields";
import type { LocalTraining } from "./training/client-steps";
import { learnMeans } from "./training/towards-means";

/** Mean over B of CE(o, softmax(Q̄_y)); samples whose class has no mean yet count as 0. */
export function meanLogitLoss(
  logits: tf.Tensor2D,
  means: tf.Tensor2D,
  held: tf.Tensor1D,
): tf.Scalar {
  const each = tf.neg(tf.sum(tf.mul(tf.softmax(means), tf.logSoftmax(logits)), -1)); // (B,)
  return tf.mean(tf.mul(held, each));
}

/** Logits averaged by class instead of weights: C² numbers a modality, whatever the model. */
export const fd: Strategy<LocalTraining & { readonly distillation: number }> = {
  name: "fd",
  title: "FD (FedDistill)",
  summary:
    "Clients upload the mean class scores of their samples, class by class, and learn from the mean over all clients.",
  source: "Jeong et al., arXiv 1811.11479; HtFLlib, clientfd (https://github.com/TsingZ0/HtFLlib)",
  disclosure:
    "For each class of which you hold five samples or more: how likely your model finds each class, on average over your samples of it, and with it which classes these are. Your model's weights stay.",
  needs: { teacher: false, equalArchitectures: false, modalities: ["image", "text"] },
  config: z.strictObject({
    ...localTraining,
    distillation: real(
      { value: 1, from: 0, to: 10 },
      "Weight of distillation",
      "How much a client learns from the mean class scores of all clients (λ). 0: not at all.",
    ),
  }),
  server: () => classMeanServer({ limit: 2 ** 10, width: (classes) => classes }),
  client: (config) => ({
    fit: (context, instruction) =>
      learnMeans(context, instruction, {
        config,
        of: "logits",
        weight: config.distillation,
        distance: meanLogitLoss,
      }),
  }),
};
