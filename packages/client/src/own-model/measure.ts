import { type LabelledSet, modalitiesOf, subset } from "@tandem/core/data";
import { codeOf } from "@tandem/core/errors";
import type { ClientModel } from "@tandem/core/model";
import { emptyPayload } from "@tandem/core/payload";
import type { Metrics } from "@tandem/core/strategy";
import type { Arrays } from "@tandem/core/tensor";
import { compared, heldOutResult, type Share, shareOf } from "@tandem/evaluation/held-out";
import { chanceOf, ranksOf } from "@tandem/evaluation/retrieval";
import { type ClientContext, type ClientHost, handle } from "../handle";
import { sampleOf } from "../preview";
import type { Example, Measured, ModelResult } from "./messages";
import { fused, type ModelHost, type OwnModel, temperaturesOf } from "./own-model";

export type Asking = {
  readonly signal: AbortSignal;
  readonly progress: (fraction: number) => void;
};

const shown = 12;

/** Its own measurements, with those of the models that it is compared with, as far as they are kept. */
export async function measureModel(
  host: ModelHost,
  own: OwnModel,
  { signal, progress }: Asking,
): Promise<ModelResult> {
  const trained = await own.trained();
  const member = await own.member();
  await host.ready();
  const lent = member.hostOf(signal, () => {});
  const kept = await Promise.all([own.memory.model("first"), own.memory.model("alone")]);
  const first = own.history.length > 1 ? kept[0] : undefined;
  const alone = kept[1]?.rounds === own.history.length ? kept[1] : undefined;
  const models = [trained, first, alone];
  const results = [];
  for (const [i, model] of models.entries()) {
    results.push(model && (await measured(lent, model)));
    progress((i + 1) / models.length);
  }
  const [now, before, without] = results;
  if (!now) throw new Error("the model was not measured");
  const { test, classes } = lent;
  const base = before ?? now;
  const { both, neither, gained, lost, chance } = compared(base.hits, now.hits, test.labels);
  const some = (rows: Int32Array) =>
    Array.from(rows.subarray(0, shown), (row) => exampleOf(test, classes, row, now.hits[row]));
  const { measuredOn } = member.shown.assignment ?? { measuredOn: "public" as const };
  return {
    measuredOn,
    samples: test.size,
    chance: now.isMatching ? chanceOf(test.captions ?? []) : 1 / classes.length,
    rounds: own.history.length,
    now: now.told,
    ...(before && {
      before: before.told,
      change: { gained: gained.length, lost: lost.length, chance },
    }),
    ...(without && { alone: without.told }),
    examples: {
      gained: some(gained),
      right: some(both),
      wrong: some(Int32Array.from([...lost, ...neither])),
    },
  };
}

function exampleOf(
  test: LabelledSet,
  classes: readonly string[],
  row: number,
  prediction: number,
): Example {
  const predicted = classes[prediction];
  return { ...sampleOf(test, classes, row), ...(predicted !== undefined && { predicted }) };
}

/** `hits`: the predicted class of each row, -1 for none. */
type OneModel = {
  readonly told: Measured;
  readonly hits: Int32Array;
  readonly isMatching: boolean;
};

async function measured(
  { createModel, trainer, test, signal }: ClientHost,
  { weights, metrics }: { readonly weights: Arrays; readonly metrics: Metrics },
): Promise<OneModel> {
  const model = createModel();
  try {
    model.load(weights);
    const predictions = await trainer.predict(model, test, signal);
    if (model.task === "retrieval") return matched(predictions.z, test);
    const { predictions: hits, ...result } = heldOutResult(
      fused(predictions, temperaturesOf(metrics)),
      test.labels,
    );
    return {
      told: { ...result, heads: headsOf(model, predictions.logits, test) },
      hits,
      isMatching: false,
    };
  } finally {
    model.dispose();
  }
}

type Predicted = Awaited<ReturnType<ClientHost["trainer"]["predict"]>>;

function headsOf(model: ClientModel, logits: Predicted["logits"], { labels }: LabelledSet) {
  const heads = modalitiesOf(model.modality);
  if (heads.length < 2) return [];
  return heads.flatMap((modality) => {
    const own = logits[modality];
    return own ? [{ modality, accuracy: heldOutResult(own, labels).accuracy }] : [];
  });
}

/** A model that learns no classes is right where a caption finds its picture before all others. */
function matched(z: Predicted["z"], { captions, labels }: LabelledSet): OneModel {
  if (!z.image || !z.text || !captions)
    throw new Error("matches are measured on pairs, by a model of both modalities");
  const ranks = ranksOf(z.text, z.image, captions);
  const hits = labels.map((label, row) => (ranks[row] === 1 ? label : -1));
  const accuracy = shareOf(ranks.filter((rank) => rank === 1).length, ranks.length);
  return { told: { accuracy, classes: [], confusion: [], heads: [] }, hits, isMatching: true };
}

/** The rounds that the model has answered once more from its seed, without the others; kept. */
export async function trainAlone(
  host: ModelHost,
  own: OwnModel,
  { signal, progress }: Asking,
): Promise<void> {
  const member = await own.member();
  await host.ready();
  const rounds = own.history.map(({ round }) => round);
  let context: ClientContext = { client: member.client, memory: emptyPayload };
  for (const [done, round] of rounds.entries()) {
    const lent = member.hostOf(signal, (_, fraction) =>
      progress((done + fraction) / rounds.length),
    );
    // What its rounds would report is measured at the end, once.
    const test = subset(lent.test, Int32Array.of(0));
    ({ context } = await handle({ ...lent, test }, context, { round, payload: emptyPayload }));
    signal.throwIfAborted();
  }
  const { weights } = context;
  if (weights) await own.memory.setModel("alone", { weights, metrics: {}, rounds: rounds.length });
}

/** For the model's card; none where the data are gone. */
export async function resultsToTell(
  host: ModelHost,
  own: OwnModel,
  asking: Asking,
): Promise<readonly { modality: "image" | "text"; accuracy: Share; on: string }[]> {
  try {
    const { now, measuredOn, samples } = await measureModel(host, own, asking);
    const on =
      measuredOn === "public"
        ? `${samples} samples of the public test`
        : `${samples} of its owner's samples, held out`;
    if (now.classes.length === 0) return [];
    const [only] = modalitiesOf(own.info.modality);
    const heads = now.heads.length > 0 ? now.heads : [{ modality: only, accuracy: now.accuracy }];
    return heads.map((head) => ({ ...head, on }));
  } catch (error) {
    if (codeOf(error) === "not-found") return [];
    throw error;
  }
}
