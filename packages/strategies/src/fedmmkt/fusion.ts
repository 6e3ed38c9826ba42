import type { Modality } from "@tandem/core/data";
import type { Payload } from "@tandem/core/payload";
import type { Metrics } from "@tandem/core/strategy";
import { type Arrays, f32, f64, u8 } from "@tandem/core/tensor";
import { argMax, matrix, mean, type Rows, rowsOf } from "../aggregation/rows";
import {
  type Consensus,
  flooredScores,
  fuseRepresentations,
  poolPredictions,
} from "../aggregation/weighted-answers";
import { type Answer, answersOf, criticsOf } from "./answers";
import type { FedmmktConfig } from "./config";
import { type CriticAnswer, pooledImportances, reliabilityOf } from "./critics/pooling";
import { whatIsShown } from "./evidence";
import { selectPictures, selfJudgement } from "./selection";
import { beliefsOf, type FedmmktState, type FedmmktStep, type Round, roundOf } from "./state";

/** T of Ȳ ∝ p̄^{1/T}, where clients are taught what they all say. */
const sharpening = 0.5;
/** τ_w: smaller values favour descriptions that match picture and caption best. */
const scoreTemperature = 0.1;
/** ω0: of the student beside the clients. */
const studentWeight = 0.5;

/** Uploads to knowledge about the state's set, and a verdict on its pictures (docs/algorithm.md A6, A7). */
export function fuse(
  config: FedmmktConfig,
  state: FedmmktState,
  accumulator: Payload,
): FedmmktStep {
  const round = roundOf(state);
  const { kept } = state;
  const { labels } = round.set;
  const critics = criticsOf(config, state, accumulator);
  const answers = answersOf(config, state, accumulator, critics);
  const poolOf = (part: readonly Answer[]) => poolPredictions(part, sharpening, config);

  // 1. What all say of the classes, p̄, and how they describe the items, Z̄.
  const consensus = poolOf(answers);
  const fused = {
    image: fusedRows(config, round, answers, "image"),
    text: fusedRows(config, round, answers, "text"),
  };
  const { importances, likeness } =
    critics.length > 0
      ? pooledImportances(critics, labels)
      : { importances: round.importances?.data, likeness: labels.map(() => 1) };

  // 2. What the clients will learn from: what all agree on, or what the evidence comes to. The pictures
  // are judged by who sees them: a caption names its class whatever was painted.
  const viewers = answers.filter(({ modality }) => modality === "image");
  const taught =
    config.evidence === "clients"
      ? {
          target: consensus.sharpened,
          confidence: consensus.confidence,
          accepted: selectPictures(labels, consensus, fused).accepted,
        }
      : whatIsShown(config, round, viewers, () => poolOf(viewers.length > 0 ? viewers : answers));
  const accepted = taught.accepted.map((is, i) => is && likeness[i] >= likeEnough);

  // 3. What the teacher will learn from: the pictures that their judges accept.
  const judged = viewers.length > 0 ? selectPictures(labels, poolOf(viewers), fused) : undefined;
  const self = config.selection === "student" ? selfJudgement(round) : undefined;
  const verdict = self ? selectPictures(labels, self, self) : judged;

  const maskOf = (flags: readonly boolean[]) => u8([labels.length], flags.map(Number));
  return {
    state: {
      kept: {
        ...kept,
        // How far each client is to be believed from now on.
        beliefs: { ...kept.beliefs, ...updatedReliability(answers, round, poolOf) },
      },
      round: {
        ...round,
        knowledge: {
          target: matrix(taught.target),
          confidence: f32(
            [labels.length],
            Float32Array.from(taught.confidence, (q, i) => q * likeness[i]),
          ),
          accepted: maskOf(accepted),
          image: matrix(fused.image),
          text: matrix(fused.text),
        },
        verdict: verdict && {
          ...verdict,
          seen: matrix(verdict.seen),
          accepted: maskOf(verdict.accepted),
        },
        importances: importances && f32([labels.length], importances),
      },
    },
    metrics: {
      "consensus/agreement": agreement(consensus.pooled, labels),
      "consensus/confidence": mean(consensus.confidence),
      "consensus/disagreement": mean(consensus.disagreement),
      "consensus/accepted": mean(accepted.map(Number)),
      ...("trust" in taught && taught.trust && { "prompts/trust": mean(taught.trust) }),
      ...(verdict && {
        "pictures/agreement": agreement(verdict.seen, labels),
        "pictures/accepted": mean(verdict.accepted.map(Number)),
      }),
      ...criticsMetrics(critics, importances, labels),
    },
  };
}

/** How far the critics can be believed, and the share of the set that their weights are worth. */
function criticsMetrics(
  critics: readonly CriticAnswer[],
  importances: Float32Array | undefined,
  labels: readonly number[],
): Metrics {
  if (critics.length === 0 || !importances) return {};
  const { support, agreement } = reliabilityOf(critics, labels);
  const [sum, squares] = [importances, importances.map((w) => w * w)].map((values) => mean(values));
  return {
    "critics/support": support,
    ...(agreement !== undefined && { "critics/agreement": agreement }),
    "critics/effectiveShare": squares > 0 ? sum ** 2 / squares : 0,
  };
}

/** Clients learn the prompt's class of pictures that they would show half as often as the teacher does, and of others not. */
const likeEnough = 0.5;

/** Z̄ (N, d) of one modality: rows that fit the other modality's count more (CreamFL's con_w). */
function fusedRows(
  config: FedmmktConfig,
  { set: { labels }, g }: Round,
  answers: readonly Answer[],
  modality: Modality,
): readonly Float64Array[] {
  const others = rowsOf(g, modality === "image" ? "text" : "image");
  const groups = config.positives === "class" ? labels : labels.map((_, i) => i);
  // A liar may choose a row that scores well: to all other rules rows are the same.
  const score = (z: Rows) =>
    config.robust === "weighted"
      ? flooredScores(z, others, groups, scoreTemperature)
      : new Float64Array(labels.length);
  const own = answers
    .filter((answer) => answer.modality === modality)
    .map((answer) => ({ ...answer, scores: score(answer.z) }));
  const z = rowsOf(g, modality);
  const student = { z, scores: score(z), weight: studentWeight };
  return fuseRepresentations(own, student, config);
}

/** a_{k,c} ← 0.8 a + 0.2 (1 + hits) / (2 + |H_c|) against the consensus of the other clients. */
function updatedReliability(
  answers: readonly Answer[],
  { set: { labels, classes } }: Round,
  poolOf: (part: readonly Answer[]) => Consensus,
): Arrays {
  return Object.fromEntries(
    answers.flatMap(({ id, modality, probabilities, reliabilityByClass: before }) => {
      const others = answers.filter((answer) => answer.id !== id);
      if (others.length === 0) return [];
      const { pooled } = poolOf(others);
      const next = Float64Array.from({ length: classes }, (_, c) => {
        const held = labels.flatMap((label, i) =>
          label === c && argMax(pooled[i]) === c ? [i] : [],
        );
        const hits = held.filter((i) => argMax(probabilities[i]) === c).length;
        return 0.8 * before[c] + (0.2 * (1 + hits)) / (2 + held.length);
      });
      return [[`${beliefsOf(id)}${modality}`, f64([classes], next)]];
    }),
  );
}

const agreement = (rows: Rows, labels: readonly number[]) =>
  mean(labels.map((label, i) => Number(argMax(rows[i]) === label)));
