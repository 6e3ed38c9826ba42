import type { ServerConnection } from "@tandem/core/channel";
import type {
  ClientRecord,
  ExperimentRecord,
  MetricRecord,
  RoundRecord,
} from "@tandem/core/experiment";
import type { FederatedData } from "@tandem/core/federated-data";
import type { Payload } from "@tandem/core/payload";
import type { ClientInfo, ServerHalf } from "@tandem/core/strategy";
import type { TandemContract } from "@tandem/protocol/events";
import type { RoundState } from "./round";

/** A client while the server runs: its record, and what is known only of the present. */
export type LiveClient = {
  record: ClientRecord;
  connection: ServerConnection<TandemContract> | undefined;
  status: "joined" | "ready" | "working" | "done" | "away" | "left";
  stage: string | undefined;
  fraction: number | undefined;
  accuracy: number | undefined;
  /** Bytes of knowledge and control in the present round. */
  roundUp: number;
  roundDown: number;
  /** Control bytes of `connection` that are counted already. */
  seenUp: number;
  seenDown: number;
};

/** One experiment while the server runs. */
export type Runtime = {
  record: ExperimentRecord;
  state: RoundState;
  readonly server: ServerHalf;
  readonly data: FederatedData;
  readonly clients: Map<string, LiveClient>;
  readonly rounds: Map<number, RoundRecord>;
  readonly metrics: MetricRecord[];
  /** Decoded `state.strategyState`. */
  strategyState: Payload | undefined;
  /** Changes are applied one after another. */
  queue: Promise<unknown>;
  cancelDeadline: () => void;
  abort: AbortController;
  progress: { fraction: number; note: string };
};

export const clientInfo = ({ record }: LiveClient): ClientInfo => ({
  id: record.id,
  modality: record.modality,
  architecture: record.architecture,
  samples: record.samples,
});

/** Moves the control bytes that a connection has carried since the last look into the client's sums. */
export function countControl(client: LiveClient): void {
  if (!client.connection) return;
  const { up, down } = client.connection.bytes;
  addBytes(client, up - client.seenUp, down - client.seenDown);
  client.seenUp = up;
  client.seenDown = down;
}

export function addBytes(client: LiveClient, up: number, down: number): void {
  const { record } = client;
  client.record = { ...record, bytesUp: record.bytesUp + up, bytesDown: record.bytesDown + down };
  client.roundUp += up;
  client.roundDown += down;
}
