import type { Strategy } from "@tandem/core/strategy";
import * as z from "zod/mini";
import { softmax } from "./aggregation/rows";
import { localTraining, real, syntheticSet } from "./config-fields";
import { answer, averagedAnswers } from "./synthetic-set/averaged-answers";
import { headTemperatures } from "./synthetic-set/head-temperatures";
import { askedSet, remember } from "./synthetic-set/remembered-sets";
import { knownSets, learnFrom } from "./synthetic-set/set-lessons";
import { evaluateOnTest, trainLocally } from "./training/client-steps";
import { divergence } from "./training/losses";

const config = z.strictObject({
  ...localTraining,
  ...syntheticSet,
  temperature: real(
    { value: 0.1, from: 0.01, to: 10 },
    "Temperature",
    "How far the mean of the answers is pushed towards its favourite: the smaller, the further (T of the entropy reduction).",
  ),
});

/**
 * Round: distil the sharpened mean answers of the last sets, train on the own samples, answer the new
 * set. Modalities are averaged apart; the server trains no model of its own.
 */
export const dsfl: Strategy<z.infer<typeof config>> = {
  name: "dsfl",
  title: "DS-FL",
  summary:
    "Clients upload class probabilities on the teacher's synthetic set; they learn from the mean, sharpened by entropy reduction.",
  source: "Itahara et al., arXiv 2008.06180; public code: https://github.com/Kitsuya0828/DSFLplus",
  disclosure:
    "For each synthetic picture or caption of a round: how likely your model finds each class. Your model's weights stay. Its answers can still hint at which classes you hold.",
  needs: { teacher: true, equalArchitectures: false, modalities: ["image", "text"] },
  config,
  server: (config) =>
    averagedAnswers(config, "probabilities", (mean) =>
      mean.map((row) => reduceEntropy(row, config.temperature)),
    ),
  client: (config) => ({
    async fit(context, instruction) {
      const asked = askedSet(instruction);
      const known = knownSets(context, instruction, config.cachedSets);
      await learnFrom(context, config, known, divergence);
      const loss = await trainLocally(context, config);
      const temperatures = await headTemperatures(context, config, asked);
      return {
        update: await answer(context, asked, "probabilities"),
        memory: remember([...known, asked]),
        metrics: { loss, ...(await evaluateOnTest(context, temperatures)) },
      };
    },
  }),
};

/** ERA: softmax(p̄ / T) of a mean of probabilities (C,). Not power sharpening: even T = 1 flattens. */
export const reduceEntropy = (mean: ArrayLike<number>, temperature: number): Float64Array =>
  softmax(Float64Array.from(mean, (p) => p / temperature));
