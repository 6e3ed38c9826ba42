import { emptyPayload } from "@tandem/core/payload";
import type { Strategy } from "@tandem/core/strategy";
import * as z from "zod/mini";
import { weightMean } from "./aggregation/weight-mean";
import { localTraining } from "./config-fields";
import { evaluateOnTest, type LocalTraining, trainLocally } from "./training/client-steps";

/** The weighted mean of the clients' weights, one model for each modality. */
export const fedavg: Strategy<LocalTraining> = {
  name: "fedavg",
  title: "FedAvg",
  summary: "Clients upload their weights; the server averages them by number of samples.",
  source: "McMahan et al., arXiv 1602.05629",
  disclosure:
    "All weights of your model, after every round. They hold no sample, but whoever runs the server can try to work out from them what the model was trained on.",
  needs: {
    teacher: false,
    equalArchitectures: true,
    modalities: ["image", "text"],
    sendsWeights: true,
  },
  config: z.strictObject(localTraining),
  server: () => weightMean(({ modality }) => modality),
  client: (config) => ({
    async fit(context, instruction) {
      if (Object.keys(instruction.arrays).length > 0) context.model.load(instruction.arrays);
      const loss = await trainLocally(context, config);
      const metrics = { loss, ...(await evaluateOnTest(context)) };
      const arrays = await context.model.weights();
      return { update: { arrays, meta: {} }, memory: emptyPayload, metrics };
    },
  }),
};
