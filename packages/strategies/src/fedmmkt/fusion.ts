import type { Modality } from "@tandem/core/data";
import type { Payload } from "@tandem/core/payload";
import type { Metrics } from "@tandem/core/strategy";
import { f32, u8 } from "@tandem/core/tensor";
import { argMax, matrix, mean, normalise, type Rows } from "../aggregation/rows";
import {
  fuseRepresentations,
  isSum,
  meanDescriptions,
  poolPredictions,
} from "../aggregation/weighted-answers";
import { type Basis, keptDescriptions, scoresOf, summedDescriptions, weighed } from "./accumulator";
import { type Answer, answersOf, criticsOf } from "./answers";
import { withBeliefs } from "./beliefs";
import type { FedmmktConfig } from "./config";
import { type CriticAnswer, pooledImportances, reliabilityOf } from "./critics/pooling";
import { whatIsShown } from "./evidence";
import { updatedReliability } from "./reliability";
import { selectPictures, selfJudgement } from "./selection";
import { type FedmmktState, type FedmmktStep, roundOf } from "./state";

/** T of Ȳ ∝ p̄^{1/T}, where clients are taught what they all say. */
const sharpening = 0.5;
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
  const { labels, classes } = round.set;
  const basis: Basis = { labels, classes, g: round.g, beliefs: kept.beliefs };
  const critics = criticsOf(config, state, accumulator);
  const answers = answersOf(config, basis, accumulator, critics);
  const poolOf = (part: readonly Answer[]) => poolPredictions(part, sharpening, config);

  // 1. What all say of the classes, p̄, and how they describe the items, Z̄.
  const consensus = poolOf(answers);
  const fused = {
    image: fusedRows(config, basis, accumulator, "image"),
    text: fusedRows(config, basis, accumulator, "text"),
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
        beliefs: withBeliefs(kept.beliefs, updatedReliability(config, answers, labels, poolOf)),
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
  basis: Basis,
  accumulator: Payload,
  modality: Modality,
): readonly Float64Array[] {
  const z = basis.g[modality];
  const student = { z, scores: scoresOf(config, basis, modality, z), weight: studentWeight };
  if (isSum(config)) {
    const sums = summedDescriptions(config, basis, accumulator, modality);
    return meanDescriptions(sums, student).map(normalise);
  }
  const own = keptDescriptions(accumulator, modality).map((one) => weighed(config, basis, one));
  return fuseRepresentations(own, student, config);
}

const agreement = (rows: Rows, labels: readonly number[]) =>
  mean(labels.map((label, i) => Number(argMax(rows[i]) === label)));
