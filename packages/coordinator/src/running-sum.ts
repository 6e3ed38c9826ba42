import type { Payload } from "@tandem/core/payload";
import type { ClientInfo, ServerHalf } from "@tandem/core/strategy";

/** An upload by the name of its bytes. */
export type NamedUpload = { readonly client: ClientInfo; readonly hash: string };
export type AgedUpload = NamedUpload & { readonly age: number };

export type RunningSum = {
  /** Remembers what a checked upload unpacks to, until it is taken or room is wanted. */
  keep(upload: NamedUpload, payload: Payload): void;
  /** Adds one that is kept to the sum of the name; the sum of another name is forgotten. */
  take(name: number, upload: NamedUpload): void;
  /** The sum of the name and who is in it, unless somebody is in it who is not listed. It is forgotten. */
  give(name: number, uploads: readonly AgedUpload[]): Given | undefined;
  /** Of all that it holds. */
  bytes(): number;
};
/** A sum, and the clients whose uploads are in it. */
export type Given = { readonly sum: Payload; readonly clients: readonly string[] };

const keyOf = ({ client, hash }: NamedUpload): string =>
  JSON.stringify([client.id, client.modality, client.architecture, client.samples, hash]);

/**
 * Adds uploads up as they are accepted, so that none is unpacked twice. It is a cache: what is not in
 * it is read from the store, and whatever does not fit a round's list is thrown away.
 */
export function createRunningSum(
  server: Pick<ServerHalf, "accumulate">,
  /** Of bytes, others' included. */
  hasRoom: (bytes: number) => boolean,
): RunningSum {
  const kept = new Map<string, Payload>();
  let running:
    | { name: number; sum: Payload; bytes: number; members: Map<string, string> }
    | undefined;
  let keptBytes = 0;

  function unkeep(key: string): Payload | undefined {
    const payload = kept.get(key);
    if (kept.delete(key) && payload) keptBytes -= bytesOf(payload);
    return payload;
  }

  return {
    bytes: () => keptBytes + (running?.bytes ?? 0),
    keep(upload, payload) {
      const [key, size] = [keyOf(upload), bytesOf(payload)];
      unkeep(key);
      for (const oldest of kept.keys()) {
        if (hasRoom(size)) break;
        unkeep(oldest);
      }
      if (!hasRoom(size)) return;
      kept.set(key, payload);
      keptBytes += size;
    },
    take(name, upload) {
      const key = keyOf(upload);
      const payload = unkeep(key);
      if (running?.name !== name) running = undefined;
      if (!payload || !hasRoom(bytesOf(payload))) return;
      const { sum: before, members = new Map<string, string>() } = running ?? {};
      running = undefined;
      try {
        const sum = server.accumulate(before, { client: upload.client, age: 0, payload });
        members.set(upload.client.id, key);
        running = { name, sum, bytes: bytesOf(sum), members };
      } catch {
        // The round's sum, which reads it from the store, fails with the reason.
      }
    },
    give(name, uploads) {
      const given = running;
      running = undefined;
      kept.clear(); // what the round has not taken
      keptBytes = 0;
      if (given?.name !== name) return undefined;
      const listed = new Set(uploads.flatMap((one) => (one.age === 0 ? [keyOf(one)] : [])));
      if (![...given.members.values()].every((key) => listed.has(key))) return undefined;
      return { sum: given.sum, clients: [...given.members.keys()] };
    },
  };
}

/** Of a payload's arrays. */
export const bytesOf = ({ arrays }: Payload): number =>
  Object.values(arrays).reduce((sum, { data }) => sum + data.byteLength, 0);

/** Names for the sums of one experiment: another one for each round, and where a client answers anew. */
export function createSumNames() {
  const taken = new Set<string>();
  let [name, current] = [0, 0];
  const next = () => {
    taken.clear();
    name++;
  };
  return {
    /** Of the sum that a client's upload to the round goes into. */
    of(round: number, client: string): number {
      if (round !== current || taken.has(client)) next();
      current = round;
      taken.add(client);
      return name;
    },
    /** Of the sum so far; what is taken afterwards goes into another one. */
    close(): number {
      next();
      return name - 1;
    },
  };
}
