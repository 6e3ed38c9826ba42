import type { ClientRecord } from "@tandem/core/experiment";
import type { ClientInfo } from "@tandem/core/strategy";
import type { TandemConnection } from "@tandem/protocol/events";

/** A client while the server runs: its record, and what is known only of the present. */
export type LiveClient = {
  /** Assigning another tells `onRecord` of the one before. */
  record: ClientRecord;
  onRecord: ((before: ClientRecord) => void) | undefined;
  /** As the store has it; absent: it has none yet. */
  saved: ClientRecord | undefined;
  presence: Presence;
  /** That it has come from last; empty before it has come. */
  address: string;
  /** Cancels its being put out, while it has no part in a round. */
  idle: (() => void) | undefined;
  /** Names of the instructions that it was sent last. */
  asked: readonly string[];
  /** Hash of the terms that it has agreed to; absent: nobody is behind it who would have to. */
  agreed: string | undefined;
  /** Samples that it trains on, by its own account. */
  trains: number;
  /** Has been ready once: what it has computed may be waiting for it to come back. */
  wasReady: boolean;
  /** An upload of it was taken, so that its record is needed for good. */
  hasAnswered: boolean;
  /** What it has last said that it is at, until it answers or comes anew. */
  report: { readonly stage: string; readonly fraction: number } | undefined;
  accuracy: number | undefined;
  /** Samples a second, as it says. */
  speed: number | undefined;
  /** Its uploads are judged one after another. */
  uploads: Promise<unknown>;
};

/** Changed by `arrive`, `load` and `lose` alone. */
export type Presence =
  /** Nobody speaks for it; `cancel` stops what is to become of that. */
  | { readonly state: "away"; readonly since: number; readonly cancel: () => void }
  | {
      readonly state: "here";
      readonly connection: TandemConnection;
      /** Data and model are loaded behind this connection. */
      readonly loaded: boolean;
    };

/** A client that has not come yet, or not since the server is there. */
export const liveClient = (
  first: ClientRecord,
  since: number,
  saved: ClientRecord | undefined,
): LiveClient => {
  let current = first;
  return {
    get record() {
      return current;
    },
    set record(next) {
      const before = current;
      current = next;
      this.onRecord?.(before);
    },
    onRecord: undefined,
    saved,
    presence: { state: "away", since, cancel: () => {} },
    address: "",
    idle: undefined,
    asked: [],
    agreed: undefined,
    trains: first.samples,
    wasReady: saved !== undefined,
    hasAnswered: false,
    report: undefined,
    accuracy: undefined,
    speed: undefined,
    uploads: Promise.resolve(),
  };
};

/** It is here over this connection from now on, and has nothing loaded; gives back the one before. */
export function arrive(
  client: LiveClient,
  connection: TandemConnection,
): TandemConnection | undefined {
  const before = connectionOf(client);
  stopWaiting(client);
  client.presence = { state: "here", connection, loaded: false };
  client.address = connection.address;
  client.report = undefined;
  return before;
}

/** Data and model are loaded; of who is away nothing is. */
export function load(client: LiveClient): void {
  if (client.presence.state === "here") client.presence = { ...client.presence, loaded: true };
  client.wasReady = true;
}

/** It is away, and what was waited for instead no longer is. */
export function lose(client: LiveClient, since: number, cancel = () => {}): void {
  stopWaiting(client);
  client.presence = { state: "away", since, cancel };
}

export function stopWaiting({ presence }: LiveClient): void {
  if (presence.state === "away") presence.cancel();
}

export const connectionOf = ({ presence }: LiveClient): TandemConnection | undefined =>
  presence.state === "here" ? presence.connection : undefined;

export const isLoaded = ({ presence }: LiveClient): boolean =>
  presence.state === "here" && presence.loaded;

export const clientInfo = ({ record }: Pick<LiveClient, "record">): ClientInfo => ({
  id: record.id,
  modality: record.modality,
  architecture: record.architecture,
  samples: record.samples,
});

/** How long an answer takes the client by its own account; notes the speed. */
export function paceOf(client: LiveClient, speed?: number): { readonly paceMs?: number } {
  if (speed === undefined) return {};
  client.speed = speed;
  return { paceMs: Math.round((1000 * client.trains) / speed) };
}
