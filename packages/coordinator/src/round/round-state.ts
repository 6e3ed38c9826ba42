import type { ExperimentConfig, ExperimentStatus, Phase } from "@tandem/core/experiment";
import { Map as ById, Set as Ids } from "immutable";

export type Instruction = { readonly hash: string; readonly bytes: number };

export type RoundRules = Pick<
  ExperimentConfig,
  "rounds" | "minClients" | "quorum" | "deadlineMs" | "seed" | "participation" | "sampling"
> & {
  /** Rounds for which a late answer is of use to the strategy; absent: none. */
  readonly lateRounds?: number;
};

/** A round that collects no more. */
export type ClosedRound = {
  readonly round: number;
  readonly cohort: Ids<string>;
  /** Absent in a round that an earlier version has closed. */
  readonly instructions?: RoundState["instructions"];
  readonly answers: RoundState["answers"];
  /** What came after it was closed, and the round that takes it in. */
  readonly late: ById<string, { readonly hash: string; readonly takenIn: number }>;
};

/** An address whose newcomers are kept out since one of its clients was removed. */
export type KeptOut = {
  readonly id: string;
  /** Hash of the address; among those that are barred. */
  readonly key: string;
  readonly client: string;
  readonly at: number;
};

/**
 * Clients are ids. What there is of each is in persistent collections, so that an event costs no more where
 * there are many; they have no order. Stored is its document.
 */
export type RoundState = {
  readonly status: ExperimentStatus;
  readonly phase: Phase;
  /** 1-based; 0 before the first. */
  readonly round: number;
  /** To those that it was created with. */
  readonly addedRounds: number;
  /** Connected, loaded, and not behind. */
  readonly ready: Ids<string>;
  readonly cohort: Ids<string>;
  /** What each of the cohort is asked. */
  readonly instructions: ById<string, Instruction>;
  /** Accepted uploads of this round: blob by client. */
  readonly answers: ById<string, string>;
  readonly failed: Ids<string>;
  /** Of the cohort who is ready, and has neither answered nor failed; follows from these. */
  readonly awaited: Ids<string>;
  /** The latest rounds to which late answers may belong, oldest first. */
  readonly closed: readonly ClosedRound[];
  /** Round that each client was asked in last, or after which it came. */
  readonly waitsSince: ById<string, number>;
  /** Milliseconds that an answer takes each client by its own account; null: it missed its last deadline. */
  readonly paces: ById<string, number | null>;
  /** Attempts of this round that ended because every client failed. */
  readonly failures: number;
  /** What the client that failed last in this round has said. */
  readonly lastFailure: string | null;
  /** The deadline has been prolonged once. */
  readonly extended: boolean;
  /** Counts deadlines, so that one that has been replaced is known. */
  readonly deadline: number;
  /** Blob of the strategy's state; null before the first. */
  readonly strategyState: string | null;
  /** The strategy's state holds what this round publishes. */
  readonly prepared: boolean;
  readonly error: string | null;
  /** Hashes of tokens and addresses that may not join. */
  readonly barred: readonly string[];
  /** When the data of all participants was erased last, epoch milliseconds. */
  readonly erasedAt: number | null;
  /** When it was taken in from another server, epoch milliseconds: a record of what happened there. */
  readonly importedAt: number | null;
  readonly keptOut: readonly KeptOut[];
};

export type RoundEvent =
  | { readonly type: "started" }
  | { readonly type: "paused" }
  | { readonly type: "resumed" }
  /** There are so many rounds more. */
  | { readonly type: "extended"; readonly rounds: number }
  /** The process has started again: nothing that was under way still is. */
  | { readonly type: "recovered" }
  | { readonly type: "joined"; readonly client: string; readonly slot: number }
  | { readonly type: "ready"; readonly client: string; readonly paceMs?: number }
  /** `gone`: not to come back, so that nothing is known of it any more. */
  | { readonly type: "left"; readonly client: string; readonly gone?: true }
  /** Nothing of them is kept from now on; `isRevised`: nor in the strategy's state, which has another name. */
  | {
      readonly type: "erased";
      readonly clients: readonly string[];
      /** They are all that there were. */
      readonly at?: number;
      readonly isRevised?: true;
    }
  /** Put out by whoever runs the experiment; `keys` are kept out from now on. */
  | {
      readonly type: "barred";
      readonly client: string;
      readonly keys: readonly string[];
      readonly keptOut?: KeptOut;
    }
  /** Newcomers of an address that was kept out may come again. */
  | { readonly type: "readmitted"; readonly keptOut: string }
  | { readonly type: "prepared"; readonly state: string }
  | {
      readonly type: "published";
      readonly instructions: Readonly<Record<string, Instruction>>;
    }
  | {
      readonly type: "uploaded";
      readonly client: string;
      readonly hash: string;
      readonly paceMs?: number;
    }
  /** An answer to a closed round. */
  | {
      readonly type: "late";
      readonly client: string;
      readonly round: number;
      readonly hash: string;
      readonly paceMs?: number;
    }
  | {
      readonly type: "refused";
      readonly client: string;
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: "failed"; readonly client: string; readonly message: string }
  | { readonly type: "deadline"; readonly deadline: number }
  | { readonly type: "aggregated"; readonly state: string }
  | { readonly type: "taught"; readonly state: string }
  | { readonly type: "evaluated" }
  | { readonly type: "broken"; readonly message: string };

/** Named by (experiment, round, phase) and repeatable: after a crash the present one runs again. */
export type Effect =
  | { readonly type: "prepare" }
  | { readonly type: "publish" }
  /** To those of the cohort who have not answered, or to one of them. */
  | { readonly type: "instruct"; readonly client?: string }
  | { readonly type: "set-deadline"; readonly deadline: number }
  | { readonly type: "aggregate" }
  | { readonly type: "teach" }
  | { readonly type: "evaluate" }
  | { readonly type: "finish" };

export type Step = { readonly state: RoundState; readonly effects: readonly Effect[] };

export const initialRound: RoundState = {
  status: "draft",
  phase: "recruiting",
  round: 0,
  addedRounds: 0,
  ready: Ids(),
  cohort: Ids(),
  instructions: ById(),
  answers: ById(),
  failed: Ids(),
  awaited: Ids(),
  closed: [],
  waitsSince: ById(),
  paces: ById(),
  failures: 0,
  lastFailure: null,
  extended: false,
  deadline: 0,
  strategyState: null,
  prepared: false,
  error: null,
  barred: [],
  erasedAt: null,
  importedAt: null,
  keptOut: [],
};
