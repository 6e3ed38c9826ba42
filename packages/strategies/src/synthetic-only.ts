import { concatenate } from "@tandem/core/data";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import type { Strategy } from "@tandem/core/strategy";
import * as z from "zod/mini";
import { localTraining, syntheticSet } from "./config-fields";
import { headTemperatures } from "./synthetic-set/head-temperatures";
import { askAbout, galleryOf, paintSet } from "./synthetic-set/painted-set";
import { archived, pastFor } from "./synthetic-set/past-sets";
import { askedSet, asLabelledSet, recall, remember } from "./synthetic-set/remembered-sets";
import { evaluateOnTest, promptLabelLoss, trainLocally, trainOnSet } from "./training/client-steps";

const config = z.strictObject({ ...localTraining, ...syntheticSet });

/**
 * What the teacher alone is worth to the clients: FedMMKT's sets, painted by a teacher that stays as
 * it is, with the prompts' classes as labels. Nothing has to come back before a set can be learnt
 * from, so clients learn from the newest one at once.
 */
export const syntheticOnly: Strategy<z.infer<typeof config>> = {
  name: "synthetic-only",
  title: "Synthetic pictures only",
  summary:
    "Clients also train on the teacher's captioned pictures, labelled by their prompts, and upload nothing but their accuracy: what uploads have to beat.",
  source:
    "Control of this platform; training on generated pictures: He et al., arXiv 2210.07574 (https://github.com/CVMI-Lab/SyntheticData)",
  disclosure:
    "Nothing that your model has learned: neither weights nor answers. You receive the same painted pictures or captions as the others do, and train alone.",
  needs: { teacher: true, equalArchitectures: false, modalities: ["image", "text"] },
  config,
  server: (config) => ({
    init: async () => emptyPayload,
    async prepare(before, env) {
      const { images, meta } = await paintSet(config, env);
      const past = archived(before, config);
      const state: Payload = {
        arrays: { ...past.arrays, images },
        meta: { ...meta, ...past.meta },
        encoding: { ...past.encoding, images: "png" },
      };
      return { state, metrics: {} };
    },
    instruct(state, client, answered) {
      const asked = askAbout(state, client);
      const past = pastFor(state, client, { answered, known: {} });
      return {
        arrays: { ...asked.arrays, ...past.arrays },
        meta: { ...asked.meta, ...past.meta },
        encoding: { ...asked.encoding, ...past.encoding },
      };
    },
    outline: () => ({ arrays: {}, meta: {} }),
    check() {},
    accumulate: () => emptyPayload,
    merge: () => emptyPayload,
    conclude: async (state) => ({ state, metrics: {} }),
    gallery: galleryOf,
  }),
  client: (config) => ({
    async fit(context, instruction) {
      const sets = [...recall(context.memory, instruction), askedSet(instruction)].slice(
        -config.cachedSets,
      );
      const missed = sets.slice(0, -1);
      if (context.isFirst && missed.length > 0) {
        const set = concatenate(missed.map(asLabelledSet));
        await trainOnSet(context, config, set, promptLabelLoss, context.rng.fork("warm-up"));
      }
      const loss = await trainLocally(context, config);
      const temperatures = await headTemperatures(context, config, askedSet(instruction));
      await trainOnSet(context, config, concatenate(sets.map(asLabelledSet)), promptLabelLoss);
      const metrics = { loss, ...(await evaluateOnTest(context, temperatures)) };
      return { update: emptyPayload, memory: remember(sets), metrics };
    },
  }),
};
