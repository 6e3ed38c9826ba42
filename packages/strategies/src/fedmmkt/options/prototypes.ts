import type { LabelledSet } from "@tandem/core/data";
import type { Payload } from "@tandem/core/payload";
import { onlyModalities } from "@tandem/core/presence";
import type { ClientInfo, FitContext } from "@tandem/core/strategy";
import { type Arrays, arrayOf, f32, type TensorOf } from "@tandem/core/tensor";
import { classMeans } from "../../aggregation/class-means";
import { keptUploads } from "../../aggregation/kept-uploads";
import { reputationOf } from "../../aggregation/reputation";
import { boundWeights, centreOf, type Pooling } from "../../aggregation/robust";
import { dot, matrix, normalise, type Rows, rowsOf } from "../../aggregation/rows";
import { expectArray, refuse } from "../../aggregation/upload-checks";
import type { FedmmktConfig } from "../config";
import { type FedmmktState, roundOf } from "../state";

/** A mean of fewer private samples says too much of each. [ours] */
const leastSamples = 5;
const [proto, count] = ["proto/image", "count/image"];

/** Of pictures alone: nothing is made of the captions' (docs/algorithm.md A12). */
export const prototypeNames = ({ prototypes }: FedmmktConfig, { modality }: ClientInfo) =>
  prototypes && modality !== "text" ? [proto, count] : [];

/**
 * μ_c = Σ z / ‖Σ z‖ (C, d) over a client's pictures of class c, and how many they are (C,); zeros for a
 * class of fewer than five. FedProto's means (arXiv 2105.00243), of unit length as z is [ours].
 */
export function privatePrototypes(
  z: TensorOf<"f32">,
  labels: LabelledSet["labels"],
  classes: number,
): Arrays {
  const means = rowsOf(classMeans({ image: z }, labels, classes), "mean/image");
  const counts = means.map((mean, c) => {
    const held = labels.filter((label) => label === c).length;
    return held >= leastSamples && dot(mean, mean) > 0 ? held : 0;
  });
  const rows = means.map((mean, c) =>
    counts[c] > 0 ? normalise(mean) : new Float64Array(mean.length),
  );
  return { [proto]: matrix(rows), [count]: f32([classes], counts) };
}

/** The one upload that is made from private samples directly; none unless it is asked for. */
export async function ownPrototypes(
  { client, model, trainer, data, classes, signal }: FitContext,
  config: FedmmktConfig,
): Promise<Arrays> {
  if (prototypeNames(config, client).length === 0) return {};
  const pictures = onlyModalities(data, ["image"]);
  const { z } = await trainer.predict(model, pictures, signal);
  const { image = f32([0, model.dimension], []) } = z; // of no picture there is no answer
  return privatePrototypes(image, pictures.labels, classes.length);
}

/** Throws unless rows are of length 1 where the client counts enough samples, and zero elsewhere. */
export function checkPrototypes(
  { arrays }: Payload,
  { samples }: ClientInfo,
  { classes, width }: { readonly classes: number; readonly width: number },
): void {
  expectArray(count, arrays[count], { dtype: "f32", shape: [classes] });
  expectArray(proto, arrays[proto], { dtype: "f32", shape: [classes, width] });
  const counts = Array.from(arrays[count].data);
  for (const held of counts)
    if (!(held === 0 || (Number.isInteger(held) && held >= leastSamples)))
      refuse(`${count} holds ${held}, not 0 or a whole number from ${leastSamples}`);
  const total = counts.reduce((a, b) => a + b, 0);
  if (total > samples) refuse(`${count} adds to ${total} of the client's ${samples} samples`);
  rowsOf(arrays, proto).forEach((row, c) => {
    const norm = Math.hypot(...Array.from(row));
    const expected = Math.sign(counts[c]);
    // Written so that NaN is refused too.
    if (!(Math.abs(norm - expected) <= 1e-3 * expected))
      refuse(
        `row ${c} of ${proto} has norm ${norm.toFixed(3)}, not ${expected}: it counts ${counts[c]}`,
      );
  });
}

/** What one client sends: rows (C, d) and counts (C,). */
type SentPrototypes = { readonly rows: Rows; readonly counts: ArrayLike<number> };

/** Of the round's uploads, with who sends them. */
export const sentPrototypes = (
  accumulator: Payload,
): readonly (SentPrototypes & { readonly id: string })[] =>
  keptUploads(accumulator).flatMap(({ uploader: { id, samples }, arrays }) => {
    if (!(proto in arrays)) return [];
    const counts = arrayOf(arrays, count, "f32").data.map((held) => Math.min(held, samples));
    return { id, rows: rowsOf(arrays, proto), counts };
  });

/**
 * μ̄_c = normalise(Σ_k ρ_k n_{k,c} μ_{k,c}) (C, d), zeros for a class that nobody sends; ρ_k is how far
 * the client is believed. Any other rule than weighted leaves out n, which a liar may choose.
 */
export function poolPrototypes(
  sent: readonly (SentPrototypes & { readonly trust: number })[],
  { classes, width }: { readonly classes: number; readonly width: number },
  pooling: Pooling,
): Rows {
  return Array.from({ length: classes }, (_, c) => {
    const holders = sent.filter(({ counts }) => counts[c] > 0);
    if (holders.length === 0) return new Float64Array(width);
    const claims = holders.map(
      ({ counts, trust }) => trust * (pooling.robust === "weighted" ? counts[c] : 1),
    );
    const weights = boundWeights(claims, pooling.scoreBound);
    const rows = holders.map(({ rows }) => rows[c]);
    return normalise(centreOf(rows, weights, pooling));
  });
}

/** μ̄ of the round's uploads; undefined where none are asked for. */
export function prototypesOf(
  config: FedmmktConfig,
  state: FedmmktState,
  accumulator: Payload,
): Rows | undefined {
  if (!config.prototypes) return undefined;
  const sent = sentPrototypes(accumulator).map((own) => ({
    ...own,
    trust: config.reputation ? reputationOf(state.kept.beliefs, own.id) : 1,
  }));
  const { set, g } = roundOf(state);
  const size = { classes: set.classes, width: g.image.shape[1] };
  return poolPrototypes(sent, size, config);
}
