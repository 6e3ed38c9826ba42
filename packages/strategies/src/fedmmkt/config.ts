import type { Retired } from "@tandem/core/strategy";
import * as z from "zod/mini";
import { choice, flag, localTraining, real, syntheticSet } from "../config-fields";
import { teacherFields } from "./teacher-config";

/** What each governs is in docs/algorithm.md A13; what decided the defaults, in A14. */
export const fedmmktConfig = z.strictObject({
  ...localTraining,
  ...syntheticSet,
  distillation: real(
    { value: 1, from: 0, to: 10 },
    "Weight of distillation",
    "How much a client learns from the fused class probabilities of the others (λ_kd). 0: not at all.",
  ),
  gate: flag(
    { value: true },
    "Gate of distillation",
    "On: a client learns of an item only where the others are surer of its class than it is. Off: of every item.",
  ),
  interModal: real(
    { value: 0.5, from: 0, to: 10 },
    "Weight of inter-modal contrast",
    "How much a client moves its representation of an item towards what the others say of the item in the other modality (γ). 0: not at all.",
  ),
  intraModal: real(
    { value: 0.5, from: 0, to: 10 },
    "Weight of intra-modal contrast",
    "How much a client keeps its representation of an item close to what the others say of it in the same modality (γ). 0: not at all.",
  ),
  pseudoLabels: real(
    { value: 0.5, from: 0, to: 10 },
    "Weight of pseudo-labels",
    "How much a client learns from the accepted synthetic items as if they were labelled (λ_pl). 0: not at all.",
  ),
  answerPrecision: choice(
    { value: "fine", options: ["fine", "coarse"] },
    "Precision of answers",
    "How finely answers, and what is concluded from them, are told: probabilities as half floats and descriptions in 255 steps (fine), or probabilities as whole 255ths and descriptions in 15 steps, which takes about half the bytes (coarse).",
  ),
  evidence: choice(
    { value: "annotators", options: ["annotators", "server", "prompts", "clients"] },
    "What a picture shows",
    "How clients are taught what a picture shows. By annotators, the clients that see it and its prompt, each taken by what it is found to say of which class (annotators); by the server's own small model, as a control that leaves the clients' answers aside (server); by the clients' average, times what the prompt is found to be worth (prompts); or by the average alone, of those that only read the caption as well (clients). But for the last, captions are of their prompt's class.",
  ),
  newestSet: choice(
    { value: "captions", options: ["captions", "all", "none"] },
    "Newest set by its prompts",
    "What a client learns of the newest set by its prompts, once it has answered and before the others' answers are known: the captions, which are of their prompt's class; the pictures too, which may show another (all); or nothing (none). It counts as one of the cached sets.",
  ),
  positives: choice(
    { value: "class", options: ["class", "item"] },
    "Positives of the contrast",
    "Which items of the other modality an item is to be like: all of its class, or none but itself (as in CreamFL). Descriptions are weighted by the same.",
  ),
  robust: choice(
    { value: "weighted", options: ["weighted", "mean", "trimmed-mean", "geometric-median"] },
    "Aggregation",
    "How the clients' answers about an item become one, wherever they are averaged (descriptions, which pictures teach the teacher, and what a picture shows unless annotators say so): their weighted mean; their plain mean, in which all count the same; the mean without the extremes of each number; or the row that is nearest to all. The last two withstand a minority that lies, and ignore how sure of itself and how large a client says that it is.",
  ),
  trimShare: real(
    { value: 0.2, from: 0, to: 0.49 },
    "Trimmed share",
    "Share of the clients' weight that the trimmed mean leaves out at each end of every number. It withstands no more liars than that.",
  ),
  ...teacherFields,
});

/** docs/algorithm.md A12. */
export const retired: Retired = {
  commit: "0fe8785",
  lastDefaults: {
    promptLabels: true,
    evidenceTemperature: 2,
    contrastTemperature: 0.5,
    distillationTemperature: 2,
    scoreTemperature: 0.1,
    sharpening: 0.5,
    scoreBound: 1000,
    studentWeight: 0.5,
    studentEpochs: 2,
    acceptShare: 0.3,
    loraRank: 4,
    studentVotes: true,
    reputation: false,
    prototypes: false,
    judges: "viewers",
    teacherUpdate: "raft",
    latentShare: 0.5,
    rewardScale: 0.001,
    replay: "agreed",
    abTest: false,
    trialRounds: 3,
    qualityStop: false,
    heldOutShare: 0,
    promptDistribution: "uniform",
  },
  idle: ["abstention"],
};
export type FedmmktConfig = z.infer<typeof fedmmktConfig>;

/** How probabilities and descriptions travel. */
export const packingOf = ({ answerPrecision }: Pick<FedmmktConfig, "answerPrecision">) =>
  answerPrecision === "fine"
    ? ({ probabilities: "f16", descriptions: "i8-rows" } as const)
    : ({ probabilities: "u8-shares", descriptions: "i4-rows" } as const);
