import { type ClientModality, type Modality, modalitiesOf } from "@tandem/core/data";
import type { Predictions } from "@tandem/core/model";
import type { Payload, WireEncoding } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ClientInfo, FitContext } from "@tandem/core/strategy";
import { arrayOf, f32, type TensorData, u8 } from "@tandem/core/tensor";
import type { ArrayOutline, UploadOutline } from "@tandem/core/upload-outline";
import { keptUploads } from "../aggregation/kept-uploads";
import { logSumExp, matrix, rowsOf } from "../aggregation/rows";
import {
  expectProbabilities,
  expectUnitRows,
  expectWithin,
  refuse,
} from "../aggregation/upload-checks";
import type { Prediction } from "../aggregation/weighted-answers";
import { type Basis, reliabilityOf } from "./accumulator";
import { type FedmmktConfig, packingOf } from "./config";
import { type CriticAnswer, importancesOf } from "./critics/pooling";
import { limit, type Ratios } from "./critics/ratios";
import { type FedmmktState, type Round, roundOf } from "./state";

/**
 * The client's: for each of its modalities probabilities (N, C) and unit embeddings (N, d), and what its
 * critic says (docs/algorithm.md A5).
 */
export function extract(
  config: FedmmktConfig,
  predictions: Predictions,
  context: FitContext,
  set: number,
  critic?: Ratios,
): Payload {
  const packing = packingOf(config);
  const arrays: Record<string, TensorData> = {};
  const encoding: Record<string, WireEncoding> = {};
  for (const modality of modalitiesOf(context.client.modality)) {
    const [z, logits] = [predictions.z[modality], predictions.logits[modality]];
    if (!z || !logits) throw new Error(`the model does not answer for ${modality}`);
    const probabilities = rowsOf({ logits }, "logits").map((row) => {
      const total = logSumExp(row);
      return Float32Array.from(row, (o) => Math.exp(o - total));
    });
    arrays[`p/${modality}`] = matrix(probabilities);
    arrays[`z/${modality}`] = z;
    encoding[`p/${modality}`] = packing.probabilities;
    encoding[`z/${modality}`] = packing.descriptions;
  }
  if (critic) {
    arrays["critic/ratio"] = f32([critic.ratios.length], critic.ratios);
    arrays["critic/held"] = u8([critic.held.length], critic.held);
    encoding["critic/ratio"] = "f16";
  }
  return { arrays, meta: { set }, encoding };
}

/** Of what `extract` makes of the round's set. */
export function answersOutline(
  config: FedmmktConfig,
  { set: { set, labels, classes }, g }: Round,
  { modality }: ClientInfo,
): UploadOutline {
  const items = labels.length;
  const answers = modalitiesOf(modality).flatMap((m): [string, ArrayOutline][] => [
    [`p/${m}`, { dtype: "f32", shape: [items, classes] }],
    [`z/${m}`, { dtype: "f32", shape: g[m].shape }],
  ]);
  return {
    arrays: {
      ...Object.fromEntries(answers),
      ...(isCritic(config, modality) && {
        "critic/ratio": { dtype: "f32", shape: [items] },
        "critic/held": { dtype: "u8", shape: [classes] },
      }),
    },
    meta: { set },
  };
}

/** Throws unless ranges and norms of an upload are right; nothing is repaired. */
export function checkAnswers(
  config: FedmmktConfig,
  { modality }: ClientInfo,
  { arrays }: Payload,
): void {
  for (const m of modalitiesOf(modality)) {
    const [p, z] = [`p/${m}`, `z/${m}`];
    expectProbabilities(p, rowsOf(arrays, p));
    expectUnitRows(z, rowsOf(arrays, z));
  }
  if (!isCritic(config, modality)) return;
  expectWithin("critic/ratio", [arrayOf(arrays, "critic/ratio", "f32").data], limit);
  if (arrays["critic/held"].data.some((value) => value > 1))
    refuse("critic/held must be zeros and ones");
}

/** Whether the client's own pictures are asked how like them painted ones are. */
export const isCritic = ({ critics }: Pick<FedmmktConfig, "critics">, modality: ClientModality) =>
  (critics === "clients" || critics === "random") && modality !== "text";

/** What the critics say, sorted as uploads are kept; none where nobody was asked. */
export function criticsOf(
  config: FedmmktConfig,
  state: FedmmktState,
  accumulator: Payload,
): readonly CriticAnswer[] {
  const { set } = roundOf(state).set;
  return keptUploads(accumulator).flatMap(({ uploader: { id, age, modality }, arrays }) => {
    if (!isCritic(config, modality)) return [];
    const ratios = arrayOf(arrays, "critic/ratio", "f32").data;
    const held = arrayOf(arrays, "critic/held", "u8").data;
    if (config.critics === "clients") return [{ id, age, held, ratios }];
    const order = createRng(`critics/${set}/${id}`).permutation(ratios.length);
    return [{ id, age, held, ratios: Float32Array.from(order, (row) => ratios[row]) }];
  });
}

/** What one client says of the set in one modality, and how far it is believed. */
export type Answer = Prediction & {
  readonly id: string;
  readonly modality: Modality;
  /** a_k (C,). */
  readonly reliabilityByClass: ArrayLike<number>;
  /** min(1, w_k) (N,): how far the pictures are of a kind that the client knows, where it has a critic. */
  readonly familiarity: ArrayLike<number> | undefined;
};

/** All uploads as answers, sorted as they are kept: by client, with what its critic says (docs/algorithm.md A6). */
export function answersOf(
  config: FedmmktConfig,
  { labels, classes, beliefs }: Basis,
  accumulator: Payload,
  critics: readonly CriticAnswer[],
): readonly Answer[] {
  const isEqual = config.robust === "mean";
  const criticById = new Map(critics.map((critic) => [critic.id, critic]));
  return keptUploads(accumulator).flatMap(({ uploader, arrays }) => {
    const { id, samples, modality: held, age } = uploader;
    const critic = criticById.get(id);
    const familiarity = critic && importancesOf(critic, labels).map((w) => Math.min(1, w));
    return modalitiesOf(held).map((modality): Answer => {
      const reliabilityByClass = reliabilityOf({ beliefs, classes }, modality, id);
      return {
        id,
        modality,
        reliabilityByClass,
        familiarity,
        probabilities: arrayOf(arrays, `p/${modality}`, "f32"),
        reliability: Float64Array.from(labels, (label) =>
          isEqual ? 1 : reliabilityByClass[label],
        ),
        samples,
        age: isEqual ? 0 : age,
      };
    });
  });
}
