import type {
  ClientRecord,
  ExperimentRecord,
  MetricRecord,
  RoundRecord,
} from "@tandem/core/experiment";
import type { FederatedData } from "@tandem/core/federated-data";
import type { Payload } from "@tandem/core/payload";
import type { ClientInfo, Needs, ServerHalf } from "@tandem/core/strategy";
import type { TandemConnection } from "@tandem/protocol/events";
import type { RoundRules, RoundState } from "./round/round-state";

/** A client while the server runs: its record, and what is known only of the present. */
export type LiveClient = {
  record: ClientRecord;
  connection: TandemConnection | undefined;
  /** Data and model are loaded behind this connection. */
  loaded: boolean;
  /** When the connection was lost. */
  awaySince: number | undefined;
  cancelAway: () => void;
  stage: string | undefined;
  fraction: number | undefined;
  accuracy: number | undefined;
  /** Samples a second, as it says. */
  speed: number | undefined;
  /** Control bytes of `connection` that are counted already. */
  seenUp: number;
  seenDown: number;
  /** Its uploads are judged one after another. */
  uploads: Promise<unknown>;
};

/** One experiment while the server runs. */
export type Runtime = {
  record: ExperimentRecord;
  state: RoundState;
  readonly server: ServerHalf;
  readonly needs: Needs;
  readonly data: () => Promise<FederatedData>;
  readonly clients: Map<string, LiveClient>;
  readonly rounds: Map<number, RoundRecord>;
  readonly metrics: MetricRecord[];
  /** Reads a state of the strategy; see `decodedStates`. */
  readonly load: (hash: string) => Promise<Payload>;
  /** Events are applied one after another, and so are joins. */
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

export const rulesOf = ({ record, server }: Pick<Runtime, "record" | "server">): RoundRules => ({
  ...record.config,
  lateRounds: server.late?.rounds ?? 0,
});

/** The last round before the present one that a client has answered; 0 for none. */
export const lastAnswered = ({ metrics, state }: Runtime, id: string): number =>
  metrics.reduce(
    (last, { round, client }) =>
      client === id && round < state.round ? Math.max(last, round) : last,
    0,
  );

export const liveClient = (record: ClientRecord): LiveClient => ({
  record,
  connection: undefined,
  loaded: false,
  awaySince: undefined,
  cancelAway: () => {},
  stage: undefined,
  fraction: undefined,
  accuracy: undefined,
  speed: undefined,
  seenUp: 0,
  seenDown: 0,
  uploads: Promise.resolve(),
});

export const clientInfo = ({ record }: LiveClient): ClientInfo => ({
  id: record.id,
  modality: record.modality,
  architecture: record.architecture,
  samples: record.samples,
});

/** How long an answer takes the client by its own account; notes the speed. */
export function paceOf(client: LiveClient, speed?: number): { readonly paceMs?: number } {
  if (speed === undefined) return {};
  client.speed = speed;
  return { paceMs: Math.round((1000 * client.record.samples) / speed) };
}

/** Moves the control bytes that a connection has carried since the last look into the sums. */
export function countControl(runtime: Runtime, client: LiveClient): void {
  if (!client.connection) return;
  const { up, down } = client.connection.bytes;
  addBytes(runtime, client, { up: up - client.seenUp, down: down - client.seenDown });
  client.seenUp = up;
  client.seenDown = down;
}

type Bytes = { readonly up: number; readonly down: number };

/** Data downloads are the client's alone; everything else is also the round's. */
export function addBytes(runtime: Runtime, client: LiveClient, bytes: Bytes, isData = false): void {
  const { record } = client;
  client.record = {
    ...record,
    bytesUp: record.bytesUp + bytes.up,
    bytesDown: record.bytesDown + bytes.down,
  };
  if (isData) return;
  runtime.unsaved.up += bytes.up;
  runtime.unsaved.down += bytes.down;
}
