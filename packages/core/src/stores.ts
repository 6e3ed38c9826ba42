import type { AuditEntry, AuditFilter, AuditRecord } from "./audit";
import type {
  ApplicantRecord,
  ClientRecord,
  EventRecord,
  ExperimentLabels,
  ExperimentRecord,
  InvitationRecord,
  MetricRecord,
  RoundRecord,
} from "./experiment";
import type { BlobHash, ClientId, ExperimentId } from "./ids";
import type { TaskRecord } from "./task";

/** Everything that one step of an experiment changes; written together or not at all. */
export type Change = {
  /** Must continue the stored sequence without a gap; `conflict` otherwise. */
  readonly events?: readonly EventRecord[];
  readonly experiment?: Partial<
    Pick<
      ExperimentRecord,
      "status" | "state" | "stateSequence" | "updatedAt" | keyof ExperimentLabels
    >
  >;
  /** Inserted, or replaced by key: round; client id; (round, client). */
  readonly rounds?: readonly RoundRecord[];
  readonly clients?: readonly ClientRecord[];
  /** Of rounds that are stored, and stay as they are but for this. */
  readonly counts?: readonly RoundCounts[];
  /** Clients of whom nothing is kept. */
  readonly forgotten?: readonly ClientId[];
  readonly metrics?: readonly MetricRecord[];
  readonly erased?: Erased;
  /** An invitation of which one use is taken; `conflict` where it is gone or has none left. */
  readonly invitation?: string;
};

export type RoundCounts = Pick<
  RoundRecord,
  "round" | "uploads" | "refused" | "bytesUp" | "bytesDown"
>;

/** What is taken out of what is stored already, so that nothing of somebody is left in it. */
export type Erased = {
  /** Whose metrics go. */
  readonly clients: readonly ClientId[];
  /** By their ids. */
  readonly applicants: readonly string[];
  /** In place of the stored events of their sequences. */
  readonly events: readonly EventRecord[];
};

/** What has happened in an experiment before it comes into a store; the log begins with its first event. */
export type History = {
  readonly events: readonly EventRecord[];
  readonly rounds: readonly RoundRecord[];
  readonly clients: readonly ClientRecord[];
  readonly metrics: readonly MetricRecord[];
};

/** Experiments and everything that happened in them. Lists come in key order. */
export interface ExperimentStore {
  /** All of them, or none: throws `conflict` for an id that is there. */
  create(...records: readonly ExperimentRecord[]): Promise<void>;
  /** One with all that has happened in it, or not at all; `conflict` for an id that is there. */
  adopt(record: ExperimentRecord, history: History): Promise<void>;
  list(): Promise<readonly ExperimentRecord[]>;
  /** Throws `not-found`. */
  get(id: ExperimentId): Promise<ExperimentRecord>;
  remove(id: ExperimentId): Promise<void>;
  commit(id: ExperimentId, change: Change): Promise<void>;
  /** Those after one sequence number, up to another and with it. */
  events(
    id: ExperimentId,
    afterSequence?: number,
    upToSequence?: number,
  ): Promise<readonly EventRecord[]>;
  rounds(id: ExperimentId): Promise<readonly RoundRecord[]>;
  clients(id: ExperimentId): Promise<readonly ClientRecord[]>;
  metrics(id: ExperimentId): Promise<readonly MetricRecord[]>;
  /** Throws `not-found` for an experiment that is not there; invitations go with theirs. */
  invite(id: ExperimentId, invitation: InvitationRecord): Promise<void>;
  /** By their ids. */
  invitations(id: ExperimentId): Promise<readonly InvitationRecord[]>;
  /** Whether it was there. */
  revoke(id: ExperimentId, invitation: string): Promise<boolean>;
  /** By their ids. */
  applicants(id: ExperimentId): Promise<readonly ApplicantRecord[]>;
  /** Inserted, or replaced by its id; throws `not-found` for an experiment that is not there. */
  keepApplicant(id: ExperimentId, applicant: ApplicantRecord): Promise<void>;
  close(): Promise<void>;
}

/** Tasks, in the order of their ids. Who may change one, and when, is for the caller to know. */
export interface TaskStore {
  /** Throws `conflict` for an id that is there. */
  create(record: TaskRecord): Promise<void>;
  list(): Promise<readonly TaskRecord[]>;
  /** Throws `not-found`. */
  get(id: string): Promise<TaskRecord>;
  /** The whole record, so that an absent set becomes absent; throws `not-found`. */
  replace(record: TaskRecord): Promise<void>;
  /** Without effect on what is not there. */
  remove(id: string): Promise<void>;
}

/** Who did what. Nothing in it is ever changed. */
export interface AuditStore {
  add(records: readonly AuditRecord[]): Promise<void>;
  /** The latest first, `most` of them. */
  list(filter: AuditFilter, most: number): Promise<readonly AuditEntry[]>;
  /**
   * Forgets what was before `before`, epoch milliseconds, and all but the latest: of those who have no
   * name here, and of all.
   */
  prune(before: number, most: { readonly all: number; readonly strangers: number }): Promise<void>;
}

/** Immutable bytes by their SHA-256. */
export interface BlobStore {
  /** Idempotent; resolves once the bytes are durable. */
  put(bytes: Uint8Array): Promise<BlobHash>;
  /** Throws `not-found`, or `corrupt` when the bytes no longer have their hash. */
  get(hash: BlobHash): Promise<Uint8Array>;
  has(hash: BlobHash): Promise<boolean>;
}

/** A blob store whose owner can look through it and make room. */
export interface BlobArchive extends BlobStore {
  /** In no order; `putAt` is when the bytes were put last, epoch milliseconds. */
  list(): Promise<
    readonly { readonly hash: BlobHash; readonly putAt: number; readonly bytes: number }[]
  >;
  /** Without effect on what is not there. */
  delete(hash: BlobHash): Promise<void>;
}

/**
 * A client's signing keys by name, beside its records. They are kept as they are: a private half that
 * cannot be exported stays so.
 */
export interface KeyStore {
  get(name: string): Promise<CryptoKeyPair | undefined>;
  set(name: string, pair: CryptoKeyPair): Promise<void>;
  delete(name: string): Promise<void>;
}

/** A tab's or virtual client's own records by key: shard, weights, identity. */
export interface ClientStore {
  get(key: string): Promise<Uint8Array | undefined>;
  set(key: string, value: Uint8Array): Promise<void>;
  delete(key: string): Promise<void>;
  keys(): Promise<readonly string[]>;
}
