import { type Modality, modalitiesOf } from "@tandem/core/data";
import type { Predictions } from "@tandem/core/model";
import type { Payload, WireEncoding } from "@tandem/core/payload";
import { onlyModalities, rowsWith } from "@tandem/core/presence";
import type { ClientHalf, FitContext } from "@tandem/core/strategy";
import { type Arrays, f32, type TensorData, u8 } from "@tandem/core/tensor";
import { matrix, rowsOf } from "../aggregation/rows";
import { logSumExp } from "../aggregation/weighted-answers";
import { headTemperatures } from "../synthetic-set/head-temperatures";
import {
  askedSet,
  asLabelledSet,
  joined,
  type RememberedSet,
  recall,
  remember,
} from "../synthetic-set/remembered-sets";
import {
  evaluateOnTest,
  promptLabelLoss,
  trainLocally,
  trainOnSet,
} from "../training/client-steps";
import { type FedmmktConfig, packingOf } from "./config";
import { privatePrototypes, prototypeNames } from "./options/prototypes";
import { transfer } from "./transfer";

/** Local epochs, transfer on the last synthetic sets, extraction on the new one (A4, A5). */
export function fedmmktClient(config: FedmmktConfig): ClientHalf {
  return {
    async fit(context, instruction) {
      const { model, trainer, signal } = context;
      const known = recall(context.memory, instruction)
        .filter(({ knowledge }) => knowledge !== undefined)
        .slice(-config.cachedSets);
      const newest = learntAtOnce(context, config);
      const room = Math.max(1, config.cachedSets - Number(newest.length > 0));
      const recent = known.slice(-room);
      const lessons = recent.length > 0 ? joined(recent) : undefined;
      // A newcomer first learns what the others know (A6).
      if (lessons && context.isFirst) await warmUp(context, config, lessons);
      // z_old of the intra-modal contrast is what the model says before this round's training.
      const before = lessons && (await trainer.predict(model, lessons.set, signal));
      const loss = await trainLocally(context, config);
      if (lessons && before) await transfer(context, config, lessons, before);

      const asked = askedSet(instruction);
      context.progress("extract", 0);
      const predictions = await trainer.predict(model, asLabelledSet(asked), signal);
      const prototypes = await ownPrototypes(context, config);
      context.progress("extract", 1);
      const answers = extract(config, predictions, context, asked.set);
      const temperatures = await headTemperatures(context, config, asked);
      if (newest.length > 0) await learnByPrompts(context, config, asked, newest);
      return {
        update: { ...answers, arrays: { ...answers.arrays, ...prototypes } },
        memory: remember([...known, asked]),
        metrics: { loss, ...(await evaluateOnTest(context, temperatures)) },
      };
    },
  };
}

/** Distillation alone, on the sets that were before the client. */
async function warmUp(
  context: FitContext,
  config: FedmmktConfig,
  lessons: ReturnType<typeof joined>,
): Promise<void> {
  const before = await context.trainer.predict(context.model, lessons.set, context.signal);
  const alone = { ...config, interModal: 0, intraModal: 0, pseudoLabels: 0 };
  await transfer(context, alone, lessons, before, context.rng.fork("warm-up"));
}

/** Modalities in which a client learns a set by its prompts, before its knowledge comes. */
const learntAtOnce = ({ client }: FitContext, { newestSet }: FedmmktConfig): readonly Modality[] =>
  modalitiesOf(client.modality).filter(
    (modality) => newestSet === "all" || (newestSet === "captions" && modality === "text"),
  );

/** After the answer about it. */
async function learnByPrompts(
  context: FitContext,
  config: FedmmktConfig,
  asked: RememberedSet,
  learnt: readonly Modality[],
): Promise<void> {
  const set = onlyModalities(asLabelledSet(asked), learnt);
  await trainOnSet(context, config, set, promptLabelLoss, context.rng.fork("newest"));
}

/** The one upload that is made from private samples directly; none unless it is asked for. */
async function ownPrototypes(
  { client, model, trainer, data, classes, signal }: FitContext,
  config: FedmmktConfig,
): Promise<Arrays> {
  if (prototypeNames(config, client).length === 0) return {};
  const pictures = onlyModalities(data, ["image"]);
  const { z } = await trainer.predict(model, pictures, signal);
  const { image = f32([0, model.dimension], []) } = z; // of no picture there is no answer
  return privatePrototypes(image, pictures.labels, classes.length);
}

/**
 * For each of the client's modalities: probabilities (N, C), unit embeddings (N, d), and the mask of
 * samples inside what the client knows (DS-FL+).
 */
function extract(
  config: FedmmktConfig,
  predictions: Predictions,
  context: FitContext,
  set: number,
): Payload {
  const packing = packingOf(config);
  const { data } = context;
  const arrays: Record<string, TensorData> = {};
  const encoding: Record<string, WireEncoding> = {};
  for (const modality of modalitiesOf(context.client.modality)) {
    const [z, logits] = [predictions.z[modality], predictions.logits[modality]];
    if (!z || !logits) throw new Error(`the model does not answer for ${modality}`);
    const held = new Set(Array.from(rowsWith(data, modality), (row) => data.labels[row]));
    const share = Math.min(1, held.size / context.classes.length + 0.01 * context.round);
    const rows = rowsOf({ logits }, "logits");
    const totals = rows.map(logSumExp); // minus the energy
    const limit = [...totals].sort((a, b) => b - a)[Math.ceil(share * totals.length) - 1];
    const probabilities = rows.map((row, i) =>
      Float32Array.from(row, (o) => Math.exp(o - totals[i])),
    );
    arrays[`p/${modality}`] = matrix(probabilities);
    arrays[`z/${modality}`] = z;
    arrays[`mask/${modality}`] = u8(
      [totals.length],
      totals.map((total) => (total >= limit ? 1 : 0)),
    );
    encoding[`p/${modality}`] = packing.probabilities;
    encoding[`z/${modality}`] = packing.descriptions;
  }
  return { arrays, meta: { set }, encoding };
}
