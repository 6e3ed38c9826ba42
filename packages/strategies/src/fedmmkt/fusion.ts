import type { Modality } from "@tandem/core/data";
import type { Payload } from "@tandem/core/payload";
import type { ServerStep } from "@tandem/core/strategy";
import { type Arrays, f32, f64, u8 } from "@tandem/core/tensor";
import { updatedReputation } from "../aggregation/reputation";
import type { Pooling } from "../aggregation/robust";
import { matrix, rowsOf } from "../aggregation/rows";
import {
  argMax,
  type Consensus,
  dot,
  flooredScores,
  fuseRepresentations,
  poolPredictions,
  type Rows,
} from "../aggregation/weighted-answers";
import { paintedSet } from "../synthetic-set/painted-set";
import { type Voice, voicesOf } from "./answers";
import type { FedmmktConfig } from "./config";
import { whatIsShown } from "./lesson";
import { prototypesOf } from "./options/prototypes";
import { concludeTrial } from "./options/trial";
import { classAccuracies } from "./prompts";
import { selectPictures } from "./selection";
import { selfVerdictOf } from "./self-reward";

/** Uploads to fused knowledge about the state's set (algorithm section A6). */
export function fuse(config: FedmmktConfig, state: Payload, accumulator: Payload): ServerStep {
  const { labels, classes } = paintedSet(state);
  const voices = voicesOf(config, state, accumulator);
  const poolOf = (part: readonly Voice[], pooling: Pooling = config) =>
    poolPredictions(
      part.map(({ contribution }) => contribution),
      config.sharpening,
      pooling,
    );
  const consensus = poolOf(voices);
  const groups = config.positives === "class" ? labels : labels.map((_, i) => i);
  const fused = { image: fuseModality("image"), text: fuseModality("text") };

  function fuseModality(modality: Modality) {
    const others = rowsOf(state.arrays, modality === "image" ? "g/text" : "g/image");
    // A liar may choose a row that scores well: to all other rules rows are the same.
    const score = (z: Rows) =>
      config.robust === "weighted"
        ? flooredScores(z, others, groups, config.scoreTemperature)
        : new Float64Array(labels.length);
    const speakers = voices
      .filter((voice) => voice.modality === modality)
      .map(({ contribution }) => ({ ...contribution, scores: score(contribution.z) }));
    const z = rowsOf(state.arrays, `g/${modality}`);
    const student = { z, scores: score(z), weight: config.studentWeight };
    return fuseRepresentations(speakers, student, config);
  }

  // The clients learn from what all agree on. The teacher is judged by who sees its pictures: a caption
  // names its class whatever was painted.
  const prototypes = prototypesOf(config, state, accumulator);
  const viewers = voices.filter(({ modality }) => modality === "image");
  const taught =
    config.evidence === "clients"
      ? {
          target: consensus.sharpened,
          confidence: consensus.confidence,
          accepted: selectPictures(config, labels, consensus, fused, prototypes).accepted,
        }
      : whatIsShown(config, state, viewers, poolOf(viewers.length > 0 ? viewers : voices));
  const judges = config.judges === "all" ? voices : viewers;
  const own = config.selection === "student" ? selfVerdictOf(state) : undefined;
  const judged =
    judges.length > 0
      ? selectPictures(config, labels, poolOf(judges), fused, prototypes)
      : undefined;
  const verdict = own ? selectPictures(config, labels, own, own) : judged;
  // What many liars have swayed is no measure: reputation is always against a robust consensus.
  const reference = () =>
    config.robust === "weighted" || config.robust === "mean"
      ? poolOf(voices, { ...config, robust: "geometric-median" })
      : consensus;
  const reputation = config.reputation
    ? updatedReputation(state, voices, reference().pooled)
    : undefined;
  const agreement = (rows: Rows) =>
    mean(labels.map((label, i) => Number(argMax(rows[i]) === label)));
  const maskOf = (flags: readonly boolean[]) => u8([labels.length], flags.map(Number));
  const step: ServerStep = {
    state: {
      ...state,
      arrays: {
        ...state.arrays,
        "knowledge/target": matrix(taught.target),
        "knowledge/confidence": f32([labels.length], taught.confidence),
        "knowledge/accepted": maskOf(taught.accepted),
        "knowledge/image": matrix(fused.image),
        "knowledge/text": matrix(fused.text),
        ...(prototypes && { "prototypes/image": matrix(prototypes) }),
        ...(verdict && {
          "verdict/seen": matrix(verdict.seen),
          "verdict/accepted": maskOf(verdict.accepted),
        }),
        ...updatedReliability(voices, labels, classes, poolOf),
        ...reputation?.arrays,
      },
      meta: {
        ...state.meta,
        rewards: verdict?.rewards ?? [],
        advantages: verdict?.advantages ?? [],
        ...(config.promptDistribution === "consensus" && {
          accuracies: classAccuracies(state.meta, judged?.seen ?? consensus.pooled),
        }),
      },
    },
    metrics: {
      "consensus/agreement": agreement(consensus.pooled),
      "consensus/confidence": mean(consensus.confidence),
      "consensus/disagreement": mean(consensus.disagreement),
      "consensus/accepted": mean(taught.accepted.map(Number)),
      ...("trust" in taught && taught.trust && { "prompts/trust": mean(taught.trust) }),
      ...(verdict && {
        "pictures/agreement": agreement(verdict.seen),
        "pictures/accepted": mean(verdict.accepted.map(Number)),
      }),
      ...(prototypes && {
        "prototypes/classes": prototypes.filter((mu) => dot(mu, mu) > 0).length,
        "prototypes/match": mean(labels.map((label, i) => dot(fused.image[i], prototypes[label]))),
      }),
      ...reputation?.metrics,
    },
  };
  return config.abTest && judged ? concludeTrial(config, step, judged) : step;
}

const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((a, b) => a + b, 0) / values.length;

/** a_{k,c} ← 0.8 a + 0.2 (1 + hits) / (2 + |H_c|) against the consensus of the other clients. */
function updatedReliability(
  voices: readonly Voice[],
  labels: readonly number[],
  classes: number,
  poolOf: (part: readonly Voice[]) => Consensus,
): Arrays {
  return Object.fromEntries(
    voices.flatMap(({ id, modality, contribution, known }) => {
      const others = voices.filter((voice) => voice.id !== id);
      if (others.length === 0) return [];
      const { pooled } = poolOf(others);
      const next = Float64Array.from({ length: classes }, (_, c) => {
        const held = labels.flatMap((label, i) =>
          label === c && argMax(pooled[i]) === c ? [i] : [],
        );
        const hits = held.filter((i) => argMax(contribution.probabilities[i]) === c).length;
        return 0.8 * known[c] + (0.2 * (1 + hits)) / (2 + held.length);
      });
      return [[`reliability/${id}/${modality}`, f64([classes], next)]];
    }),
  );
}
