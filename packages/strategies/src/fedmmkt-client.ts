import { modalitiesOf } from "@tandem/core/data";
import type { Predictions } from "@tandem/core/model";
import type { Payload, WireEncoding } from "@tandem/core/payload";
import type { ClientHalf, FitContext } from "@tandem/core/strategy";
import { f32, type TensorData, u8 } from "@tandem/core/tensor";
import { logSumExp } from "./aggregation";
import { evaluateOnTest, fusedLogits, trainLocally } from "./client-steps";
import type { FedmmktConfig } from "./fedmmkt-config";
import { asLabelledSet, joined, recall, remember, setOf } from "./fedmmkt-memory";
import { transfer } from "./fedmmkt-transfer";

/** Local epochs, transfer on the last synthetic sets, extraction on the new one (A4, A5). */
export function fedmmktClient(config: FedmmktConfig): ClientHalf {
  return {
    async fit(context, instruction) {
      const { model, trainer, signal } = context;
      const known = recall(context.memory, instruction)
        .filter(({ knowledge }) => knowledge !== undefined)
        .slice(-config.cachedSets);
      const lessons = known.length > 0 ? joined(known) : undefined;
      // z_old of the intra-modal contrast is what the model says before this round's training.
      const before = lessons && (await trainer.predict(model, lessons.set, signal));
      const loss = await trainLocally(context, config);
      if (lessons && before) await transfer(context, config, lessons, before);

      const asked = setOf(instruction);
      context.progress("extract", 0);
      const predictions = await trainer.predict(model, asLabelledSet(asked), signal);
      context.progress("extract", 1);
      return {
        update: extract(predictions, context, asked.set),
        memory: remember([...known, asked]),
        metrics: { loss, ...(await evaluateOnTest(context)) },
      };
    },
  };
}

/** Probabilities, unit embeddings, and the mask of samples inside what the client knows (DS-FL+). */
function extract(predictions: Predictions, context: FitContext, set: number): Payload {
  const logits = fusedLogits(predictions);
  const classes = context.classes.length;
  const probabilities = logits.map((row) => {
    const total = logSumExp(row);
    return row.map((value) => Math.exp(value - total));
  });
  const energies = logits.map((row) => -logSumExp(row));
  const held = new Set(context.data.labels).size / classes;
  const share = Math.min(1, held + 0.01 * context.round);
  const limit = [...energies].sort((a, b) => a - b)[Math.ceil(share * energies.length) - 1];
  const arrays: Record<string, TensorData> = {
    probabilities: f32(
      [logits.length, classes],
      probabilities.flatMap((row) => [...row]),
    ),
    mask: u8(
      [logits.length],
      energies.map((energy) => (energy <= limit ? 1 : 0)),
    ),
  };
  const encoding: Record<string, WireEncoding> = { probabilities: "f16" };
  for (const modality of modalitiesOf(context.client.modality)) {
    const z = predictions.z[modality];
    if (!z) continue;
    arrays[`z/${modality}`] = z;
    encoding[`z/${modality}`] = "i8-rows";
  }
  return { arrays, meta: { set }, encoding };
}
