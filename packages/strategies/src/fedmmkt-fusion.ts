import { type ClientModality, modalitiesOf } from "@tandem/core/data";
import type { Payload } from "@tandem/core/payload";
import type { ServerStep } from "@tandem/core/strategy";
import { type Arrays, arrayOf, f32, f64, u8, underPrefix } from "@tandem/core/tensor";
import {
  argMax,
  type Contribution,
  contrastScores,
  dot,
  fuseRepresentations,
  poolPredictions,
} from "./aggregation";
import type { FedmmktConfig } from "./fedmmkt-config";
import { matrix, rowsOf, setMeta } from "./fedmmkt-state";

/** An id may be any word, `__proto__` too; with a prefix it is no name that objects give a meaning. */
export const uploaderKey = (id: string): string => `client ${id}`;

type Uploader = {
  readonly id: string;
  readonly samples: number;
  readonly modality: ClientModality;
  readonly age: number;
};

/** Uploads to fused knowledge about the state's set (algorithm section A6). */
export function fuse(config: FedmmktConfig, state: Payload, accumulator: Payload): ServerStep {
  const { labels, classes } = setMeta(state.meta);
  // Sorted by name: the order of arrival never changes a bit of the result.
  const keys = Object.keys(accumulator.meta).sort();
  const uploads = keys.map((key) => {
    const { id, samples, modality, age } = accumulator.meta[key] as unknown as Uploader;
    const own = underPrefix(`${id}/`, accumulator.arrays);
    const known = reliabilityOf(state, id, classes);
    const contribution: Contribution = {
      probabilities: rowsOf(own, "probabilities"),
      mask: arrayOf(own, "mask", "u8").data,
      reliability: labels.map((label) => known[label]),
      samples,
      age,
    };
    return { id, modalities: modalitiesOf(modality), own, contribution, known };
  });
  const consensus = poolPredictions(
    uploads.map(({ contribution }) => contribution),
    config.sharpening,
  );
  const fused = { image: fuseModality("image"), text: fuseModality("text") };

  function fuseModality(modality: "image" | "text") {
    const others = rowsOf(state.arrays, modality === "image" ? "g/text" : "g/image");
    const score = (z: Parameters<typeof contrastScores>[0]) =>
      contrastScores(z, others, labels, config.scoreTemperature);
    const speakers = uploads
      .filter(({ modalities }) => modalities.includes(modality))
      .map(({ own, contribution }) => {
        const z = rowsOf(own, `z/${modality}`);
        return { ...contribution, z, scores: score(z) };
      });
    const z = rowsOf(state.arrays, `g/${modality}`);
    return fuseRepresentations(speakers, { z, scores: score(z), weight: config.studentWeight });
  }

  // r = log p̄[y] + ½ Z̄img·Z̄txt - ½ J, standardised within each class (A7, without prototypes).
  const rewards = labels.map(
    (label, i) =>
      Math.log(Math.max(consensus.pooled[i][label], 1e-6)) +
      0.5 * dot(fused.image[i], fused.text[i]) -
      0.5 * consensus.disagreement[i],
  );
  const advantages = standardiseWithin(labels, rewards);
  const agree = labels.map((label, i) => argMax(consensus.pooled[i]) === label);
  const accepted = acceptBest(config, labels, advantages, (i) => agree[i], consensus.disagreement);
  const mean = (values: ArrayLike<number>) =>
    Array.from(values).reduce((a, b) => a + b, 0) / values.length;
  return {
    state: {
      ...state,
      arrays: {
        ...state.arrays,
        "knowledge/target": matrix(consensus.sharpened),
        "knowledge/pooled": matrix(consensus.pooled),
        "knowledge/confidence": f32([labels.length], consensus.confidence),
        "knowledge/accepted": u8([labels.length], accepted.map(Number)),
        "knowledge/image": matrix(fused.image),
        "knowledge/text": matrix(fused.text),
        ...updatedReliability(uploads, labels, classes, config.sharpening),
      },
      meta: {
        ...state.meta,
        rewards,
        advantages,
      },
    },
    metrics: {
      "consensus/agreement": mean(agree.map(Number)),
      "consensus/confidence": mean(consensus.confidence),
      "consensus/disagreement": mean(consensus.disagreement),
      "consensus/accepted": mean(accepted.map(Number)),
    },
  };
}

/** Zero mean and unit deviation among the samples of a class, clipped to ±5. */
function standardiseWithin(
  labels: readonly number[],
  values: readonly number[],
): readonly number[] {
  return values.map((value, i) => {
    const same = values.filter((_, j) => labels[j] === labels[i]);
    const mean = same.reduce((a, b) => a + b, 0) / same.length;
    const variance = same.reduce((sum, v) => sum + (v - mean) ** 2, 0) / same.length;
    return Math.max(-5, Math.min(5, (value - mean) / (Math.sqrt(variance) + 1e-6)));
  });
}

/** The best share of each class, where the clients see the prompt's class and do not quarrel. */
function acceptBest(
  config: FedmmktConfig,
  labels: readonly number[],
  advantages: readonly number[],
  agrees: (i: number) => boolean,
  disagreement: ArrayLike<number>,
): readonly boolean[] {
  const sorted = Array.from(disagreement).sort((a, b) => a - b);
  const quarrel = sorted[Math.floor(0.8 * (sorted.length - 1))];
  return labels.map((label, i) => {
    const same = advantages.filter((_, j) => labels[j] === label).sort((a, b) => b - a);
    const bar = same[Math.max(0, Math.ceil(config.acceptShare * same.length) - 1)];
    return agrees(i) && disagreement[i] <= quarrel && advantages[i] >= bar;
  });
}

/** a_k (C,), ½ for a client that is new. */
const reliabilityOf = (state: Payload, id: string, classes: number): ArrayLike<number> =>
  `reliability/${id}` in state.arrays
    ? arrayOf(state.arrays, `reliability/${id}`, "f64").data
    : new Float64Array(classes).fill(0.5);

/** a_{k,c} ← 0.8 a + 0.2 (1 + hits) / (2 + |H_c|) against the consensus of the others. */
function updatedReliability(
  uploads: readonly {
    readonly id: string;
    readonly contribution: Contribution;
    readonly known: ArrayLike<number>;
  }[],
  labels: readonly number[],
  classes: number,
  sharpening: number,
): Arrays {
  if (uploads.length < 2) return {};
  return Object.fromEntries(
    uploads.map(({ id, contribution, known }) => {
      const others = uploads
        .filter((upload) => upload.id !== id)
        .map((upload) => upload.contribution);
      const { pooled } = poolPredictions(others, sharpening);
      const next = Float64Array.from({ length: classes }, (_, c) => {
        const held = labels.flatMap((label, i) =>
          label === c && argMax(pooled[i]) === c ? [i] : [],
        );
        const hits = held.filter((i) => argMax(contribution.probabilities[i]) === c).length;
        return 0.8 * known[c] + (0.2 * (1 + hits)) / (2 + held.length);
      });
      return [`reliability/${id}`, f64([classes], next)];
    }),
  );
}
