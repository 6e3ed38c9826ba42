import { answerRound } from "@tandem/client/answer-round";
import { cachedBlob, hashOf, isCachedBlob } from "@tandem/client/cached-blob";
import { refused } from "@tandem/client/failures";
import { createJoin } from "@tandem/client/join";
import { loadMember } from "@tandem/client/member";
import { openOwnKey } from "@tandem/client/own-key";
import type { SessionHost } from "@tandem/client/session-host";
import { openClientMemory } from "@tandem/client/stored-context";
import { messageOf } from "@tandem/core/errors";
import { blobHash } from "@tandem/core/ids";
import { lazily } from "@tandem/core/lazily";
import type { BlobStore, ClientStore } from "@tandem/core/stores";
import { decodeLabelledSet } from "@tandem/protocol/labelled-set";

/** Where clients are that nobody asks anything, and how many are at work at a time. */
export type Virtual = {
  /** What one keeps from round to round. */
  readonly storeOf: (slot: number) => ClientStore;
  readonly atOnce: number;
};

export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets so many work at a time; the others wait in the order in which they have come. */
export function takingTurns(atOnce: number): Turn {
  let free = atOnce;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

/**
 * A client as a session has it, whose data and model are in memory only while it is at work: for those
 * that bring no data and whose connection does not break. Resolves once it is ready.
 */
export async function startVirtualClient(
  host: SessionHost,
  { experiment, slot, turn }: { experiment: string; slot: number; turn: Turn },
): Promise<{ leave(): Promise<void> }> {
  const { channel } = host;
  const self = { experiment, identity: 0 };
  const memory = openClientMemory(host.store, self);
  const key = openOwnKey(host.keys, self);
  const leaving = new AbortController();
  const { signal } = leaving;
  const nothing = lazily(async () => undefined);
  const join = createJoin(host, {
    ...{ experiment, slot, memory, key, brought: nothing, broughtEncoder: nothing },
    isOver: () => signal.aborted,
  });
  const joined = await join();
  const { token, shard, test, vocabulary } = joined;
  if (!shard) throw new Error(`place ${slot} is dealt no data`);
  const { bytes } = await cachedBlob(host, shard);
  for (const blob of [test, vocabulary]) if (blob) await cachedBlob(host, blob);
  let work: Promise<unknown> = Promise.resolve();

  channel.on("instruct", (instruction) => {
    const answer = async () => {
      if (signal.aborted) return;
      const member = await loadMember(host, joined, undefined);
      const present = async () => {};
      const session = { member, memory, key, token, signal, entered: present, measured: () => {} };
      await answerRound(host, instruction, session);
    };
    work = turn(answer).catch(async (error) => {
      if (signal.aborted) return;
      const { round } = instruction;
      await channel.request("fail", { round, message: messageOf(error).slice(0, 500) });
    });
  });
  const { size: samples } = decodeLabelledSet(bytes);
  const ready = await channel.request("ready", { samples, device: host.device });
  if (!ready.ok) throw refused(ready.error);
  return {
    async leave() {
      leaving.abort();
      await channel.request("leave", {}).catch(() => {}); // the coordinator has closed
      await work;
      channel.close();
    },
  };
}

/** A store of which blobs are those of the server: each is fetched once, as a tab does, and kept nowhere else. */
export function sharingBlobs(own: ClientStore, blobs: Pick<BlobStore, "get">): ClientStore {
  const fetched = new Set<string>();
  return {
    async get(key) {
      if (!isCachedBlob(key)) return own.get(key);
      return fetched.has(key) ? blobs.get(blobHash(hashOf(key))) : undefined;
    },
    async set(key, value) {
      if (isCachedBlob(key)) fetched.add(key);
      else await own.set(key, value);
    },
    async delete(key) {
      if (isCachedBlob(key)) fetched.delete(key);
      else await own.delete(key);
    },
    keys: async () => [...fetched, ...(await own.keys())].sort(),
  };
}
