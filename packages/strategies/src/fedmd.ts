import type { Strategy } from "@tandem/core/strategy";
import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod/mini";
import { integer, localTraining, syntheticSet } from "./config-fields";
import { answer, averagedAnswers } from "./synthetic-set/averaged-answers";
import { headTemperatures } from "./synthetic-set/head-temperatures";
import { askedSet, asLabelledSet, remember } from "./synthetic-set/remembered-sets";
import { knownSets, learnFrom } from "./synthetic-set/set-lessons";
import { evaluateOnTest, promptLabelLoss, trainLocally, trainOnSet } from "./training/client-steps";

const config = z.strictObject({
  ...localTraining,
  ...syntheticSet,
  pretrainingEpochs: integer(
    { value: 6, from: 0, to: 100 },
    "Pre-training epochs",
    "How often a client goes through the first synthetic set, labelled by its prompts, before it trains on its own samples for the first time.",
  ),
});

/**
 * Round: digest (move towards the mean logits of the last sets), revisit (train on the own samples),
 * communicate (logits on the new set). The teacher's set stands in for the paper's public data: its
 * prompts are the labels of the pre-training. Modalities are averaged apart.
 */
export const fedmd: Strategy<z.infer<typeof config>> = {
  name: "fedmd",
  title: "FedMD",
  summary:
    "Clients upload their logits on the teacher's synthetic set and move towards the mean of everybody's.",
  source: "Li and Wang, arXiv 1910.03581 (https://github.com/diogenes0319/FedMD_clean)",
  disclosure:
    "For each synthetic picture or caption of a round: how strongly your model leans to each class. Your model's weights stay. Its answers can still hint at which classes you hold.",
  needs: { teacher: true, equalArchitectures: false, modalities: ["image", "text"] },
  config,
  server: (config) => averagedAnswers(config, "logits"),
  client: (config) => ({
    async fit(context, instruction) {
      const { cachedSets, learningRate, pretrainingEpochs } = config;
      const asked = askedSet(instruction);
      if (context.isFirst) {
        const pretraining = { transferEpochs: pretrainingEpochs, learningRate };
        await trainOnSet(context, pretraining, asLabelledSet(asked), promptLabelLoss);
      }
      const known = knownSets(context, instruction, cachedSets);
      await learnFrom(context, config, known, absoluteError); // digest
      const loss = await trainLocally(context, config); // revisit
      const temperatures = await headTemperatures(context, config, asked);
      return {
        update: await answer(context, asked, "logits"),
        memory: remember([...known, asked]),
        metrics: { loss, ...(await evaluateOnTest(context, temperatures)) },
      };
    },
  }),
};

/** Mean |o - f̄| over samples and classes: (B, C) each. */
export const absoluteError = (logits: tf.Tensor2D, target: tf.Tensor2D): tf.Scalar =>
  tf.mean(tf.abs(tf.sub(logits, target)));
