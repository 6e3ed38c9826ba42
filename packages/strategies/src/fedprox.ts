import { emptyPayload } from "@tandem/core/payload";
import type { Strategy } from "@tandem/core/strategy";
import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod/mini";
import { localTraining, real } from "./config-fields";
import { fedavg } from "./fedavg";
import { evaluateOnTest, localLoss, trainLocally } from "./training/client-steps";
import { proximalTerm } from "./training/losses";

const config = z.strictObject({
  ...localTraining,
  proximal: real(
    { value: 0.01, from: 0, to: 10 },
    "Proximal weight",
    "How strongly a client's weights are held to those that it began the round with (μ). 0: FedAvg.",
  ),
});

/** FedAvg whose clients minimise L + μ/2 ‖w - w_global‖²; w_global is what a round begins with. */
export const fedprox: Strategy<z.infer<typeof config>> = {
  name: "fedprox",
  title: "FedProx",
  summary: "FedAvg with a term that keeps each client's weights close to the common ones.",
  source:
    "Li et al., arXiv 1812.06127; PFLlib, PerturbedGradientDescent (https://github.com/TsingZ0/PFLlib)",
  disclosure:
    "All weights of your model, after every round. They hold no sample, but whoever runs the server can try to work out from them what the model was trained on.",
  needs: fedavg.needs,
  config,
  server: fedavg.server,
  client: (config) => ({
    async fit(context, instruction) {
      const { model } = context;
      if (Object.keys(instruction.arrays).length > 0) model.load(instruction.arrays);
      const variables = Object.values(model.variables);
      const global = variables.map((variable) => tf.clone(variable));
      const task = localLoss(context, config);
      try {
        const loss = await trainLocally(context, config, {
          loss: (output, batch) =>
            tf.add(task(output, batch), proximalTerm(variables, global, config.proximal)),
        });
        const metrics = { loss, ...(await evaluateOnTest(context)) };
        return {
          update: { arrays: await model.weights(), meta: {} },
          memory: emptyPayload,
          metrics,
        };
      } finally {
        tf.dispose(global);
      }
    },
  }),
};
