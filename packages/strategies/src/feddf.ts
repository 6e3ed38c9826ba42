import type { JsonObject } from "@tandem/core/json";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ServerHalf, Strategy } from "@tandem/core/strategy";
import { addPrefix, underPrefix } from "@tandem/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import * as z from "zod/mini";
import { weightMean } from "./aggregation/weight-mean";
import { localTraining, syntheticSet } from "./config-fields";
import { answer, averagedAnswers } from "./synthetic-set/averaged-answers";
import { headTemperatures } from "./synthetic-set/head-temperatures";
import type { SetConfig } from "./synthetic-set/painted-set";
import type { ArchiveConfig } from "./synthetic-set/past-sets";
import { askedSet, remember } from "./synthetic-set/remembered-sets";
import { knownSets, learnFrom } from "./synthetic-set/set-lessons";
import { evaluateOnTest, trainLocally } from "./training/client-steps";
import { divergence } from "./training/losses";

const config = z.strictObject({ ...localTraining, ...syntheticSet });

/**
 * Each architecture's mean of weights is distilled towards the mean logits of all clients, then trained
 * on the own samples. A server of this platform runs no task models: every client takes the server's
 * distillation steps itself, from the same mean, on the same rows in the same order, and so arrives at
 * the same model, up to its device's rounding, as all who have kept the same sets.
 */
export const feddf: Strategy<z.infer<typeof config>> = {
  name: "feddf",
  title: "FedDF",
  summary:
    "The weights of each architecture are averaged, then distilled towards the mean answers of all clients on the teacher's synthetic set.",
  source:
    "Lin et al., arXiv 2006.07242 (https://github.com/epfml/federated-learning-public-code, FedDF)",
  disclosure:
    "All weights of your model, after every round, and for each synthetic picture or caption how strongly it leans to each class. They hold no sample, but whoever runs the server can try to work out from them what the model was trained on.",
  needs: {
    teacher: true,
    equalArchitectures: false,
    modalities: ["image", "text"],
    sendsWeights: true,
  },
  config,
  server: feddfServer,
  client: (config) => ({
    async fit(context, instruction) {
      const asked = askedSet(instruction);
      const mean = underPrefix("weights/", instruction.arrays);
      if (Object.keys(mean).length > 0) context.model.load(mean);
      const known = knownSets(context, answersOf(instruction), config.cachedSets);
      await learnFrom(context, config, known, ensembleLoss, createRng(`feddf/${asked.set}`));
      const loss = await trainLocally(context, config);
      const answers = await answer(context, asked, "logits");
      const weights = { arrays: await context.model.weights(), meta: {} };
      const temperatures = await headTemperatures(context, config, asked);
      return {
        update: together(weights, answers),
        memory: remember([...known, asked]),
        metrics: { loss, ...(await evaluateOnTest(context, temperatures)) },
      };
    },
  }),
};

/** KL(softmax(f̄) ‖ softmax(o)) against mean logits f̄: (B, C) each. */
export const ensembleLoss = (logits: tf.Tensor2D, target: tf.Tensor2D): tf.Scalar =>
  divergence(logits, tf.softmax(target));

/** The means of weights and of answers, side by side. */
function feddfServer(config: SetConfig & ArchiveConfig): ServerHalf {
  const weights = weightMean(({ architecture }) => architecture);
  const answers = averagedAnswers(config, "logits");
  const merge = (left: Payload, right: Payload) =>
    together(
      weights.merge(weightsOf(left), weightsOf(right)),
      answers.merge(answersOf(left), answersOf(right)),
    );
  return {
    init: async () => emptyPayload,
    async prepare(state, env) {
      const step = await answers.prepare(answersOf(state), env);
      return { ...step, state: together(weightsOf(state), step.state) };
    },
    instruct: (state, client, answered) =>
      together(
        weights.instruct(weightsOf(state), client),
        answers.instruct(answersOf(state), client, answered),
      ),
    outline(state, client) {
      const model = weights.outline(weightsOf(state), client);
      const said = answers.outline(answersOf(state), client);
      const known = Object.entries(model.arrays).map(([name, one]) => [`weights/${name}`, one]);
      return {
        arrays: { ...said.arrays, ...Object.fromEntries(known) },
        ...(model.others !== undefined && { others: `weights/${model.others}` }),
        meta: said.meta,
      };
    },
    check(client, update) {
      weights.check(client, weightsOf(update));
      answers.check(client, answersOf(update));
    },
    accumulate(accumulator, update) {
      const own = together(
        weights.accumulate(undefined, { ...update, payload: weightsOf(update.payload) }),
        answers.accumulate(undefined, { ...update, payload: answersOf(update.payload) }),
      );
      return accumulator ? merge(accumulator, own) : own;
    },
    merge,
    async conclude(state, sum, env) {
      const mean = await weights.conclude(weightsOf(state), weightsOf(sum), env);
      const known = await answers.conclude(answersOf(state), answersOf(sum), env);
      return { state: together(mean.state, known.state), metrics: known.metrics };
    },
    gallery: (state) => answers.gallery?.(answersOf(state)),
  };
}

/** One payload of both; `weightsOf` and `answersOf` take it apart. Only sums count in `weights`. */
const together = (weights: Payload, answers: Payload): Payload => ({
  ...answers,
  arrays: { ...answers.arrays, ...addPrefix("weights/", weights.arrays) },
  meta: {
    ...answers.meta,
    ...(Object.keys(weights.meta).length > 0 && { weights: weights.meta }),
  },
});

const weightsOf = ({ arrays, meta }: Payload): Payload => ({
  arrays: underPrefix("weights/", arrays),
  meta: (meta.weights ?? {}) as JsonObject, // by `together`
});

const answersOf = (payload: Payload): Payload => {
  const { weights: _, ...meta } = payload.meta;
  const others = Object.entries(payload.arrays).filter(([name]) => !name.startsWith("weights/"));
  return { ...payload, arrays: Object.fromEntries(others), meta };
};
