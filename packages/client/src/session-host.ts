import type { JsonObject } from "@tandem/core/json";
import type { ClientModel, ClientTask, Trainer } from "@tandem/core/model";
import type { ClientStore, KeyStore } from "@tandem/core/stores";
import type { ClientHalf } from "@tandem/core/strategy";
import type { BackboneReference, EncoderReference } from "@tandem/core/task";
import type { Tokenizer } from "@tandem/core/tokenizer";
import type { ModelToTake } from "@tandem/export/model-to-take";
import type { TandemChannel, TandemRequests } from "@tandem/protocol/events";
import type { ClaimIdentity } from "./identity";
import type { ClientState } from "./messages";
import type { OwnEncoder } from "./own-encoder";

/** By its own account; the server picks one of the study's models by it. */
export type Capability = NonNullable<
  NonNullable<TandemRequests["join"]["request"]["own"]>["device"]
>;
export type ModelOptions = {
  readonly architecture: string;
  readonly classes: number;
  readonly vocabularySize: number;
  readonly imageSize: number;
  /** Of the backbone: how many features it makes of a picture. */
  readonly featureSize?: number;
  readonly seed: number;
  readonly task: ClientTask;
};

export type OpenedEncoder = {
  readonly createModel: (options: ModelOptions) => ClientModel;
  /** For whoever takes such a model along. */
  readonly encoder: NonNullable<ModelToTake["encoder"]>;
};

/** Where a session runs: a tab's worker, or Node. */
export type SessionHost = {
  readonly channel: TandemChannel;
  readonly store: ClientStore;
  readonly keys: KeyStore;
  readonly claimIdentity: ClaimIdentity;
  readonly now: () => number;
  /** For the server's table, e.g. "wasm". */
  readonly device: string;
  /** What it computes with, where that decides which model it trains. */
  readonly capability?: Capability;
  readonly strategy: (name: string, config: JsonObject) => ClientHalf;
  readonly createModel: (options: ModelOptions) => ClientModel;
  /** Of models that train this encoder, the study's or the participant's, once it has been opened and checked; absent: there is none. */
  readonly openEncoder?: (encoder: EncoderReference | OwnEncoder) => Promise<OpenedEncoder>;
  /** `backbone`: to be opened for pictures that come without the features that a model reads. */
  readonly createTrainer: (options: {
    readonly tokenizer: Tokenizer;
    readonly backbone?: BackboneReference;
  }) => Trainer;
  /** Memory has run out for good: ends this host, whose page starts another. Absent: the round fails. */
  readonly exhausted?: (error: unknown) => void;
  readonly update: (
    change: Partial<ClientState> | ((state: ClientState) => Partial<ClientState>),
  ) => void;
};
