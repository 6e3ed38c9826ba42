import type { $ZodType } from "zod/v4/core";
import type { ClientModality, LabelledSet, Modality } from "./data";
import type { ClientId } from "./ids";
import type { JsonObject } from "./json";
import type { ClientModel, Trainer } from "./model";
import type { Payload } from "./payload";
import type { Rng } from "./rng";
import type { Teacher } from "./teacher";
import type { Arrays } from "./tensor";
import type { UploadOutline } from "./upload-outline";

/** Numbers by name, e.g. `accuracy` or `accuracy/image`. */
export type Metrics = Readonly<Record<string, number>>;

/** What the server knows of a client. `samples` is what it was dealt, or its own claim up to a bound. */
export type ClientInfo = {
  readonly id: ClientId;
  readonly modality: ClientModality;
  readonly architecture: string;
  readonly samples: number;
};

/** One client's answer to a round, already validated. `age` counts rounds since it was asked for. */
export type Update = {
  readonly client: ClientInfo;
  readonly age: number;
  readonly payload: Payload;
};

/** What the server half is given. Its `rng` is named by experiment, round and phase. */
export type ServerEnv = {
  readonly round: number;
  readonly classes: readonly string[];
  readonly teacher: Teacher;
  readonly rng: Rng;
  readonly signal: AbortSignal;
  progress(fraction: number, note: string): void;
};

/** What the client half is given. */
export type FitContext = {
  readonly client: ClientInfo;
  readonly round: number;
  readonly classes: readonly string[];
  readonly model: ClientModel;
  readonly trainer: Trainer;
  /** Private samples; they never leave the tab. */
  readonly data: LabelledSet;
  /** What it reports its accuracy on: the public benchmark, or samples of its own that it holds out. */
  readonly test: LabelledSet;
  /** What this half kept from the round before. */
  readonly memory: Payload;
  /** The model is new: it has answered no round yet. */
  readonly isFirst: boolean;
  readonly rng: Rng;
  readonly signal: AbortSignal;
  progress(stage: FitStage, fraction: number, loss?: number): void;
};
export type FitStage = "train" | "transfer" | "extract" | "evaluate";

export type FitResult = {
  readonly update: Payload;
  readonly memory: Payload;
  readonly metrics: Metrics;
};

export type ServerStep = { readonly state: Payload; readonly metrics: Metrics };

/**
 * Round: prepare → instruct → (accumulate) → conclude → teach. Each step must be repeatable; without
 * `prepare` or `teach` the state stays as it is.
 */
export interface ServerHalf {
  init(env: ServerEnv): Promise<Payload>;
  /** Before publishing: for example the round's synthetic set. */
  prepare?(state: Payload, env: ServerEnv): Promise<ServerStep>;
  /** `answered`: the last round that the client has answered, 0 for none; by default the one before. */
  instruct(state: Payload, client: ClientInfo, answered?: number): Payload;
  /** What the client's answer to the round of the state must hold. */
  outline(state: Payload, client: ClientInfo): UploadOutline;
  /** The values of an upload that has its outline; throws `bad-upload` with the reason, and repairs nothing. */
  check(client: ClientInfo, update: Payload): void;
  /** What an accumulator has of every single answer. Absent: nothing; it is sums, as large for one as for all. */
  readonly keeps?: Kept;
  /** What `accumulate` can use of the round's state, to add up what it would have to keep otherwise. */
  basis?(state: Payload): Payload;
  /**
   * Commutative and associative with `merge`: arrival order never changes a bit of the result, and neither
   * does the basis. Both may change and give back the accumulator that they are given first.
   */
  accumulate(accumulator: Payload | undefined, update: Update, basis?: Payload): Payload;
  merge(left: Payload, right: Payload): Payload;
  /** Without the teacher, so that it need not run where that is. */
  conclude(state: Payload, accumulator: Payload, env: ServerEnv): Promise<ServerStep>;
  /** After aggregation: distil the student, fine-tune the teacher. */
  teach?(state: Payload, env: ServerEnv): Promise<ServerStep>;
  /** The state without what it says of these clients; undefined where it says nothing of them. Absent: it never does. */
  forget?(state: Payload, clients: readonly string[]): Payload | undefined;
  /** Where an answer is still of use when its round has closed. */
  readonly late?: LateAnswers;
  /** The synthetic set of the state, for people to look at. */
  gallery?(state: Payload): Gallery | undefined;
  /** To download: the teacher's LoRA in PEFT's names, alpha being the rank; undefined until taught. */
  adapter?(state: Payload): Arrays | undefined;
}

/** All of an answer or some of it, what that is, and of how many answers at most. */
export type Kept = {
  readonly part: "some" | "all";
  readonly what: string;
  readonly most?: number;
};

export type LateAnswers = {
  /** How many rounds later at most. */
  readonly rounds: number;
  /** As that of the half, for all answers to a round that is concluded again: `past` is as below. */
  basis?(state: Payload, past: Payload): Payload;
  /** Concludes an earlier round again, from all its answers: `past` is the state that it ended with. */
  revise(state: Payload, past: Payload, accumulator: Payload): ServerStep;
};

export interface ClientHalf {
  fit(context: FitContext, instruction: Payload): Promise<FitResult>;
}

/** What an algorithm needs from its surroundings; forms, the CLI and the docs are made from it. */
export type Needs = {
  readonly teacher: boolean;
  /** All clients of a modality must share one architecture. */
  readonly equalArchitectures: boolean;
  readonly modalities: readonly Modality[];
  /** Every client must hold the samples of all: no federation, only a simulation can provide it. */
  readonly pooledData?: boolean;
  /** Its clients upload all weights of their models: a large one's do not fit. */
  readonly sendsWeights?: boolean;
  /** Its server trains a small net when a round is concluded, for which tfjs has to run. */
  readonly trainsOnServer?: boolean;
  /** Its clients feed their models pictures: none that reads a backbone's features does. */
  readonly readsPixels?: boolean;
};

/** Settings that a strategy has no longer; what ran with them at their last defaults is what runs now. */
export type Retired = {
  /** One that has them. */
  readonly commit: string;
  readonly lastDefaults: Readonly<Record<string, string | number | boolean>>;
  /** More of them, of which every value is taken for what runs now. */
  readonly idle?: readonly string[];
};

/** One federated algorithm: what it is, what it can be configured with, and both its halves. */
export interface Strategy<Config = never> {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  /** Paper or public code. */
  readonly source: string;
  /** For participants, in plain words: what leaves their tab. The first sentence sums it up. */
  readonly disclosure?: string | ((config: Config) => string);
  readonly needs: Needs;
  /** Parses `{}` to the defaults. */
  readonly config: $ZodType<Config>;
  /** What a run from before there was a field amounts to, where that is not the field's default. */
  readonly formerly?: JsonObject;
  readonly retired?: Retired;
  server(config: Config): ServerHalf;
  client(config: Config): ClientHalf;
}

/** One synthetic sample with the clients' verdict on it. */
export type GalleryItem = {
  readonly prompt: string;
  readonly label: number;
  /** Class that the clients' consensus sees, with its probability; absent before aggregation. */
  readonly verdict?: { readonly label: number; readonly confidence: number };
  readonly accepted?: boolean;
  readonly reward?: number;
};

export type Gallery = {
  /** Name of the (N, h, w, 3) u8 array of the state that holds the pictures. */
  readonly images: string;
  readonly items: readonly GalleryItem[];
  readonly lessons?: Lessons | undefined;
};

/** The same prompts, as the base and later lessons of the teacher paint them. */
export type Lessons = {
  /** Name of the (rounds · prompts, h, w, 3) u8 array of the state: a row of pictures a round. */
  readonly images: string;
  readonly prompts: readonly string[];
  /** After which each row was painted; 0 is the base. */
  readonly rounds: readonly number[];
};
