import { emptyPayload } from "@tandem/core/payload";
import type { Strategy } from "@tandem/core/strategy";
import * as z from "zod/mini";
import { localTraining } from "./config-fields";
import { evaluateOnTest, type LocalTraining, trainLocally } from "./training/client-steps";

/** Everybody trains alone: what federation has to beat. */
export const local: Strategy<LocalTraining> = {
  name: "local",
  title: "Local only",
  summary: "Each client trains on its own samples and uploads nothing but its accuracy.",
  source: "HtFLlib, serverlocal (https://github.com/TsingZ0/HtFLlib)",
  disclosure:
    "Nothing that your model has learned: neither weights nor answers. You train alone, as the others do.",
  needs: { teacher: false, equalArchitectures: false, modalities: ["image", "text"] },
  config: z.strictObject(localTraining),
  server: () => ({
    init: async () => emptyPayload,
    instruct: () => emptyPayload,
    outline: () => ({ arrays: {}, meta: {} }),
    check() {},
    accumulate: () => emptyPayload,
    merge: () => emptyPayload,
    conclude: async (state) => ({ state, metrics: {} }),
  }),
  client: (config) => ({
    async fit(context) {
      const loss = await trainLocally(context, config);
      const metrics = { loss, ...(await evaluateOnTest(context)) };
      return { update: emptyPayload, memory: emptyPayload, metrics };
    },
  }),
};
