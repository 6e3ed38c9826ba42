import { emptyPayload } from "@tandem/core/payload";
import type { Strategy } from "@tandem/core/strategy";
import * as z from "zod/mini";
import { mergeSums } from "./aggregation/fixed-point";
import {
  accumulateHeads,
  checkHeads,
  headsFor,
  headsOf,
  headsOutline,
  renewHeads,
} from "./aggregation/heads";
import { localTraining } from "./config-fields";
import { evaluateOnTest, type LocalTraining, trainLocally } from "./training/client-steps";

/**
 * The mean of the heads alone. Encoders may differ; a head is shared by those of a modality whose
 * features have its width, and who holds pictures and captions takes part with either.
 */
export const lgFedavg: Strategy<LocalTraining> = {
  name: "lg-fedavg",
  title: "LG-FedAvg",
  summary:
    "Clients keep their encoders and upload only the last layer, which the server averages by number of samples.",
  source: "Liang et al., arXiv 2001.01523; HtFLlib, serverlg (https://github.com/TsingZ0/HtFLlib)",
  disclosure:
    "The weights of the last layer of your model, after every round; all other layers stay. They hold no sample, but can hint at which classes you hold.",
  needs: { teacher: false, equalArchitectures: false, modalities: ["image", "text"] },
  config: z.strictObject(localTraining),
  server: () => ({
    init: async ({ classes }) => ({ arrays: {}, meta: { classes: classes.length, widths: {} } }),
    instruct: (state, client) => ({ arrays: headsFor(state, client), meta: {} }),
    outline: (state, client) => ({ arrays: headsOutline(state, client), meta: {} }),
    check: checkHeads,
    accumulate: accumulateHeads,
    merge: mergeSums,
    conclude: async (state, sums) => ({ state: renewHeads(state, sums), metrics: {} }),
  }),
  client: (config) => ({
    async fit(context, instruction) {
      const { model, client } = context;
      model.load({ ...(await model.weights()), ...instruction.arrays });
      const loss = await trainLocally(context, config);
      const metrics = { loss, ...(await evaluateOnTest(context)) };
      const arrays = headsOf(await model.weights(), client);
      return { update: { arrays, meta: {} }, memory: emptyPayload, metrics };
    },
  }),
};
