import type { ExperimentRecord, RoundRecord } from "@tandem/core/experiment";
import type { FederatedData } from "@tandem/core/federated-data";
import type { Payload } from "@tandem/core/payload";
import type { Needs, ServerHalf } from "@tandem/core/strategy";
import type { ConsentView } from "@tandem/protocol/view";
import type { Concluder } from "./concluding";
import type { MetricTable } from "./metric-table";
import type { Outlines } from "./outlines";
import type { Roster } from "./roster";
import type { RoundRules, RoundState } from "./round/round-state";
import type { UploadReader } from "./upload-reader";

/** One experiment while the server runs. */
export type Runtime = {
  record: ExperimentRecord;
  state: RoundState;
  readonly server: ServerHalf;
  readonly uploads: UploadReader;
  readonly concluder: Concluder;
  readonly outlines: Outlines;
  readonly needs: Needs;
  /** What its participants agree to. */
  consent: ConsentView;
  /** What each place holds. */
  readonly data: () => Promise<FederatedData>;
  /** Puts it for those who have joined, once. */
  readonly deal: () => Promise<FederatedData>;
  readonly clients: Roster;
  readonly rounds: Map<number, RoundRecord>;
  readonly metrics: MetricTable;
  /** Reads a state of the strategy; see `decodedStates`. */
  readonly load: (hash: string) => Promise<Payload>;
  /** Events are applied one after another, and so are joins and erasures (`amongJoins`). */
  queue: Promise<unknown>;
  joins: Promise<unknown>;
  /** A commit has failed: the store may or may not hold it. */
  doubtful: boolean;
  closed: boolean;
  /** The server's own work of the present phase. */
  work: { readonly key: string; readonly abort: AbortController } | undefined;
  cancelDeadline: () => void;
  deadlineAt: number;
  progress: { fraction: number; note: string };
  /** Bytes of knowledge and control since the last commit. */
  unsaved: { up: number; down: number };
};

/** Does something once the events before are stored, and those after wait for it. */
export function inTurn<T>(runtime: Pick<Runtime, "queue">, work: () => Promise<T>): Promise<T> {
  const done = runtime.queue.then(work);
  runtime.queue = done.catch(() => {});
  return done;
}

/** Does what nobody may join meanwhile of, once those before have joined. */
export function amongJoins<T>(runtime: Pick<Runtime, "joins">, work: () => Promise<T>): Promise<T> {
  const done = runtime.joins.then(work);
  runtime.joins = done.catch(() => {});
  return done;
}

/** What the server does now is of no use any more. */
export function dropWork(runtime: Pick<Runtime, "work">): void {
  runtime.work?.abort.abort();
  runtime.work = undefined;
}

export const rulesOf = ({ record, server }: Pick<Runtime, "record" | "server">): RoundRules => ({
  ...record.config,
  lateRounds: server.late?.rounds ?? 0,
});

/** How many rounds it has, those that were added included. */
export const roundsOf = ({ record, state }: Pick<Runtime, "record" | "state">): number =>
  record.config.rounds + state.addedRounds;
