import type { TandemConnection } from "@tandem/protocol/events";
import { connectionOf, type LiveClient } from "./live-client";
import type { Runtime } from "./runtime";

type Bytes = { readonly up: number; readonly down: number };

/** Control bytes that are counted already; a connection may speak for one client after another. */
const counted = new WeakMap<TandemConnection, Bytes>();

/** Moves the control bytes that a connection has carried since the last look into the sums. */
export function countControl(runtime: Runtime, client: LiveClient): void {
  const connection = connectionOf(client);
  if (!connection) return;
  const { up, down } = connection.bytes;
  const seen = counted.get(connection) ?? { up: 0, down: 0 };
  counted.set(connection, { up, down });
  addBytes(runtime, client, { up: up - seen.up, down: down - seen.down });
}

/** Data downloads are the client's alone; everything else is also the round's. */
export function addBytes(runtime: Runtime, client: LiveClient, bytes: Bytes, isData = false): void {
  if (bytes.up === 0 && bytes.down === 0) return;
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
