import type { LiveClient } from "./live-client";
import type { Runtime } from "./runtime";

type Bytes = { readonly up: number; readonly down: number };

/** Moves the control bytes that a connection has carried since the last look into the sums. */
export function countControl(runtime: Runtime, client: LiveClient): void {
  const { presence } = client;
  if (presence.state === "away") return;
  const { up, down } = presence.connection.bytes;
  addBytes(runtime, client, { up: up - presence.seen.up, down: down - presence.seen.down });
  client.presence = { ...presence, seen: { up, down } };
}

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
