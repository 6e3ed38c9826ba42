import type { ClientRecord } from "@tandem/core/experiment";
import type { LiveClient } from "./live-client";

/** What stays of a client whose data is erased: its place, and what kind of data that had. */
const erasedRecord = ({ id, slot, modality, heldOut }: ClientRecord): ClientRecord => ({
  id,
  tokenHash: "",
  slot,
  name: "",
  modality,
  architecture: "",
  samples: 0,
  ...(heldOut !== undefined && { heldOut: 0 }),
  source: "",
  device: "",
  joinedAt: 0,
  leftAt: 0,
  bytesUp: 0,
  bytesDown: 0,
});

/** Nobody else has no name. */
export const isErased = ({ name }: Pick<ClientRecord, "name">): boolean => name === "";

/** Gives back the record as it was. */
export function blank(client: LiveClient): ClientRecord {
  const { record } = client;
  client.record = erasedRecord(record);
  client.address = "";
  client.asked = [];
  client.trains = 0;
  client.report = undefined;
  client.accuracy = undefined;
  client.speed = undefined;
  return record;
}
