import type { ClientModality } from "./data";
import type { BlobHash, ClientId, ExperimentId } from "./ids";
import type { JsonObject } from "./json";
import type { ClientTask } from "./model";
import type { Metrics } from "./strategy";

/** What an admin decides. Parsed by `@tandem/protocol/experiment-config`. */
export type ExperimentConfig = {
  readonly name: string;
  readonly strategy: string;
  /** Parsed by the strategy's own schema. */
  readonly strategyConfig: JsonObject;
  readonly dataset: string;
  readonly rounds: number;
  readonly seed: number;
  /** Places in the cohort; each is one shard of the data set. */
  readonly slots: number;
  /** Concentration of the Dirichlet distribution that the shards' classes are drawn from. */
  readonly alpha: number;
  /** Share of the image-text places that hold only one of the two. */
  readonly missingClients: number;
  /** Share of an image-text place's samples that lack one of the two. */
  readonly missingSamples: number;
  /** Round in which image-text places get their captions; 0: they have them. */
  readonly lateCaptions: number;
  /** Of image-text places. */
  readonly task: ClientTask;
  /** What the clients' accuracy is measured on. */
  readonly benchmark: Benchmark;
  /** Clients that must be ready before the first round starts. */
  readonly minClients: number;
  /** Share of a round's cohort whose uploads close it once the deadline has passed. */
  readonly quorum: number;
  readonly deadlineMs: number;
  /** Share of the ready clients that a round asks. */
  readonly participation: number;
  readonly sampling: Sampling;
  /** Where participants bring their own data: of what each says to have, so many count as its weight at most. */
  readonly mostSamples: number;
  readonly admission: Admission;
  /** Days after its end for which participants' data is kept; 0: until the experiment is deleted. */
  readonly retentionDays: number;
  /** Measured elsewhere, such as a control: lines that the clients' mean accuracy is drawn beside. */
  readonly references?: readonly Reference[] | undefined;
};

/** `label` says to people what reached the accuracy, 0-1. */
export type Reference = { readonly label: string; readonly accuracy: number };

/** Settings are chosen on the validation samples, so that the test samples measure and nothing else. */
export const benchmarks = ["test", "validation"] as const;
export type Benchmark = (typeof benchmarks)[number];

/** How the clients that a round asks are chosen among the ready. */
export const samplings = ["random", "rotating", "capable"] as const;
export type Sampling = (typeof samplings)[number];

/** Who may take a place: anybody, whoever holds an invitation, or whom a researcher lets in. */
export const admissions = ["open", "invitation", "approval"] as const;
export type Admission = (typeof admissions)[number];

export const phases = [
  "recruiting",
  "generating",
  "publishing",
  "collecting",
  "aggregating",
  "teaching",
  "evaluating",
] as const;
export type Phase = (typeof phases)[number];
export const experimentStatuses = ["draft", "running", "paused", "finished", "failed"] as const;
export type ExperimentStatus = (typeof experimentStatuses)[number];

/** What people note about an experiment to find it again; nothing of it changes a number. */
export type ExperimentLabels = {
  /** Compared without regard to case; each is there once. */
  readonly tags: readonly string[];
  /** Markdown. */
  readonly note: string;
  /** Name of the sweep that it belongs to. */
  readonly group: string | null;
  readonly archived: boolean;
};
/** Experiments that one sweep may make. */
export const mostOfSweep = 64;

export const noLabels: ExperimentLabels = { tags: [], note: "", group: null, archived: false };

export type ExperimentRecord = ExperimentLabels & {
  readonly id: ExperimentId;
  readonly config: ExperimentConfig;
  readonly status: ExperimentStatus;
  /** The reducer's state, as plain JSON. */
  readonly state: JsonObject;
  /** The event after which that was so, where others have been logged since. */
  readonly stateSequence?: number;
  /** Sequence number of the last event in the log; 0 before the first. */
  readonly sequence: number;
  readonly createdAt: number;
  readonly updatedAt: number;
};

export type EventRecord = {
  readonly sequence: number;
  readonly at: number;
  readonly event: JsonObject;
};

export type RoundRecord = {
  readonly round: number;
  /** Start of each phase, epoch milliseconds, in order. */
  readonly phases: readonly { readonly phase: Phase; readonly at: number }[];
  readonly endedAt?: number;
  readonly cohort: readonly ClientId[];
  readonly uploads: number;
  readonly refused: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Strategy state at the end of the round. */
  readonly stateHash?: BlobHash;
};

export type ClientRecord = {
  readonly id: ClientId;
  /** SHA-256 of the token that proves it is the same client. */
  readonly tokenHash: string;
  /** Public half of its device's key, base64url; absent: it has not come since there are keys. */
  readonly key?: string;
  readonly slot: number;
  readonly name: string;
  readonly modality: ClientModality;
  readonly architecture: string;
  readonly samples: number;
  /** Samples of its own that it measures itself on and never trains on. */
  readonly heldOut?: number;
  /** For people: where its data comes from, e.g. the emoji vendor. */
  readonly source: string;
  readonly device: string;
  readonly joinedAt: number;
  readonly leftAt?: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
};

/** What lets so many people take a place, for a while. */
export type InvitationRecord = {
  /** SHA-256 of the secret that its link holds. */
  readonly id: string;
  /** The terms of the experiment as it was made (`ConsentView.hash`); under others it is worth nothing. */
  readonly consent: string;
  /** People that it lets in, and that it has let in. */
  readonly uses: number;
  readonly used: number;
  readonly createdAt: number;
  readonly expiresAt: number;
};

/** Somebody who has asked to be let in. */
export type ApplicantRecord = {
  /** Hash of the token and the key that prove it is the same tab. */
  readonly id: string;
  readonly name: string;
  readonly device: string;
  readonly at: number;
  /** Absent: waits. */
  readonly verdict?: Verdict;
};
export const verdicts = ["accepted", "refused"] as const;
export type Verdict = (typeof verdicts)[number];

/** `client` absent: the round as a whole. */
export type MetricRecord = {
  readonly round: number;
  readonly client?: ClientId;
  readonly metrics: Metrics;
};
