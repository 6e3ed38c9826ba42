import type { Clock } from "@tandem/core/clock";
import type {
  ClientRecord,
  ExperimentConfig,
  ExperimentStatus,
  Phase,
} from "@tandem/core/experiment";
import type { FederatedData } from "@tandem/core/federated-data";
import type { BlobHash, ExperimentId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import type { BlobStore, ExperimentStore } from "@tandem/core/stores";
import type { Needs, ServerHalf } from "@tandem/core/strategy";
import type { Teacher } from "@tandem/core/teacher";
import type { Concluder } from "./concluding";
import type { RoundEvent } from "./round/round-state";
import type { UploadReader } from "./upload-reader";

/** What the coordinator is handed. */
export type CoordinatorOptions = {
  readonly store: ExperimentStore;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly strategies: readonly CoordinatedStrategy[];
  readonly teacher: (config: ExperimentConfig) => Promise<Teacher>;
  /** Puts what it deals where it is told. */
  readonly federate: (config: ExperimentConfig, blobs: BlobStore) => Promise<FederatedData>;
  /** Who unpacks uploads of a strategy with this configuration; by default this thread. */
  readonly uploads?: (strategy: string, config: JsonObject) => UploadReader;
  /** Who ends its rounds; by default this thread. */
  readonly concluder?: (strategy: string, config: JsonObject) => Concluder;
  readonly random: { readonly id: () => string; readonly token: () => string };
  /** Whose accuracy counts in a round's mean; everybody's by default. */
  readonly isMeasured?: (client: ClientRecord) => boolean;
  /** Bounds what is put, and erases what nobody needs; absent: neither. */
  readonly storage?: BlobUpkeep;
  /** Against those who would take all places; absent: in a simulation, where all come from one machine. */
  readonly places?: PlaceLimits;
  /** Of one connection that are answered; 10 unless given. */
  readonly requestsPerSecond?: number;
  readonly log: (message: string, fields?: JsonObject) => void;
  /** Is told of every commit. */
  readonly observe?: (commit: ObservedCommit) => void;
};

export type BlobUpkeep = {
  /** What clients' uploads may fill an experiment up to, and what stays free where they lie. */
  readonly experimentBytes: number;
  readonly reserveBytes: number;
  /** Infinite where nobody can tell. */
  readonly freeBytes: () => Promise<number>;
  /** When the server has started. */
  readonly usedBytes: ReadonlyMap<ExperimentId, number>;
  /** Every blob that an experiment's records name; and that any experiment or task does. */
  readonly namedBy: (id: ExperimentId) => Promise<ReadonlySet<string>>;
  readonly named: () => Promise<ReadonlySet<string>>;
  readonly erase: (hash: BlobHash) => Promise<void>;
};

/** How many places strangers can have, and for how long. */
export type PlaceLimits = {
  /** Who has no part in any round for so long, loading included, is put out. */
  readonly readyWithinMs: number;
  /** Of an experiment's places, 0-1: what one address may hold; this machine may hold all. */
  readonly shareOfAddress: number;
};

/** What the coordinator needs of a strategy. */
export type CoordinatedStrategy = {
  readonly name: string;
  readonly needs: Needs;
  /** What an experiment from before there was a field amounts to, where that is not the default. */
  readonly formerly?: JsonObject;
  /** What leaves a participant's tab, in words, if that is known. */
  disclosure?(config: JsonObject): string | undefined;
  parse(config: JsonObject): JsonObject;
  server(config: JsonObject): ServerHalf;
};

export type ObservedCommit = {
  readonly experiment: ExperimentId;
  readonly events: readonly RoundEvent[];
  /** The phase that has ended with it, pauses and restarts included. */
  readonly ended?: { readonly phase: Phase; readonly ms: number };
  /** What the experiment has become with it. */
  readonly status?: ExperimentStatus;
};
