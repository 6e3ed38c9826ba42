import { codeOf, TandemError } from "@tandem/core/errors";
import { type BlobHash, type BlobReference, blobHash, type ExperimentId } from "@tandem/core/ids";
import type { BlobStore } from "@tandem/core/stores";
import { sha256Hex } from "@tandem/protocol/sha256";
import { createBlobGate } from "./blob-gate";
import { createBlobRoom } from "./blob-room";
import { createHeldBlobs } from "./held-blobs";
import type { LiveClient } from "./live-client";
import type { CoordinatorOptions } from "./ports";
import type { Runtime } from "./runtime";

/** Names of what a client has put last. */
const mostOwn = 16;

/** An upload that nothing names yet, and those who have put it. */
type Waiting = {
  readonly bytes: number;
  readonly experiment: ExperimentId;
  readonly users: Map<LiveClient, { readonly experiment: ExperimentId; readonly round: number }>;
  /** So many times it is being judged: an experiment may come to name it. */
  judged: number;
};
const notPut = new TandemError(
  "not-found",
  "This client has put no upload of this name since the server is there: put it again.",
);
export type BlobKeeper = ReturnType<typeof createBlobKeeper>;

/** Knows whose a blob is: how much may be put, and what nobody needs any more. Without `storage` all is kept. */
export function createBlobKeeper({
  blobs,
  storage,
}: Pick<CoordinatorOptions, "blobs" | "storage">) {
  const held = createHeldBlobs();
  const waiting = new Map<BlobHash, Waiting>();
  const room = createBlobRoom(storage);
  const own = new WeakMap<LiveClient, readonly BlobHash[]>();

  const gate = createBlobGate(isWanted, async (hash) => storage?.erase(hash));
  const isInUse = (entry: Waiting | undefined) =>
    entry !== undefined && (entry.users.size > 0 || entry.judged > 0);
  function isWanted(hash: BlobHash): boolean {
    return isInUse(waiting.get(hash)) || held.has(hash);
  }

  function release(client: LiveClient, hash: BlobHash): void {
    const entry = waiting.get(hash);
    entry?.users.delete(client);
    if (!entry || isInUse(entry)) return;
    waiting.delete(hash);
    room.count(entry.experiment, -entry.bytes);
    void gate.erase([hash]);
  }

  const waitingOf = (client: LiveClient) =>
    [...waiting.values()].reduce(
      (sum, { bytes, users }) => sum + (users.has(client) ? bytes : 0),
      0,
    );

  const requireRoom = (runtime: Runtime, client: LiveClient, bytes: number) =>
    room.require(runtime.record.id, { bytes, waiting: waitingOf(client) });

  return {
    /** Throws `full` with the reason where an upload of so many bytes finds no room. */
    requireRoom,
    /** Where the server puts what it makes for an experiment. */
    of: (id: ExperimentId): BlobStore => ({
      get: (hash) => blobs.get(hash),
      has: (hash) => blobs.has(hash),
      put: (bytes) =>
        gate.put(async () => {
          const hash = await blobs.put(bytes);
          waiting.delete(hash);
          if (!held.isFresh(id, hash)) room.count(id, bytes.length);
          held.add(id, hash);
          return hash;
        }),
    }),
    /** Said before it is put: what clients of the experiment are dealt. */
    holdData(id: ExperimentId, references: readonly BlobReference[]): void {
      held.addData(id, references);
    },
    /** Throws `full`. */
    async put(runtime: Runtime, client: LiveClient, bytes: Uint8Array): Promise<BlobHash> {
      await requireRoom(runtime, client, bytes.length);
      return gate.put(async () => {
        const hash = await sha256Hex(bytes);
        const known = waiting.get(hash);
        const isOld = !known && (await blobs.has(hash));
        const experiment = runtime.record.id;
        if (isOld) held.add(experiment, hash);
        await blobs.put(bytes);
        own.set(client, [hash, ...(own.get(client) ?? [])].slice(0, mostOwn));
        if (isOld) return hash; // whoever has put it before may need it
        const fresh: Waiting = { bytes: bytes.length, experiment, users: new Map(), judged: 0 };
        const entry = waiting.get(hash) ?? fresh;
        if (entry === fresh) room.count(experiment, bytes.length);
        waiting.set(hash, entry);
        entry.users.set(client, { experiment, round: runtime.state.round });
        return hash;
      });
    },
    /** Keeps an upload while it is judged, and for good once the experiment names it. */
    async judging<T extends { readonly duplicate: boolean }>(
      { record: { id } }: Runtime,
      client: LiveClient,
      hash: BlobHash,
      judge: () => Promise<T>,
    ): Promise<T> {
      await gate.erased();
      const entry = waiting.get(hash);
      if (entry) entry.judged++;
      else held.add(id, hash);
      // What came too early or too late may be asked for again.
      let isOver = false;
      try {
        const reply = await judge();
        if (!reply.duplicate) {
          held.add(id, hash);
          waiting.delete(hash);
        }
        isOver = reply.duplicate;
        return reply;
      } catch (error) {
        const code = codeOf(error) ?? "unavailable";
        isOver = code.startsWith("bad-");
        // Whether there is a blob of somebody else's is not to be learnt by its name.
        const isOwn = !storage || own.get(client)?.includes(hash);
        throw isOwn || code === "stale" || code === "unavailable" ? error : notPut;
      } finally {
        if (entry) entry.judged--;
        if (isOver || entry?.users.size === 0) release(client, hash);
      }
    },
    /** Lets go of what those who have left had waiting, and of what is for rounds long closed. */
    sweep({ record: { id }, state, server }: Runtime): void {
      const oldest = state.round - (server.late?.rounds ?? 0) - 1;
      for (const [hash, { users }] of waiting)
        for (const [client, { experiment, round }] of users)
          if (experiment === id && (client.record.leftAt !== undefined || round < oldest))
            release(client, hash);
    },
    /** Erases what this experiment has named and names no more, unless another does. */
    async forget({ record: { id } }: Runtime, hashes: readonly string[]): Promise<void> {
      for (const hash of hashes) {
        held.drop(id, hash);
        held.dropData(id, hash);
      }
      if (!storage) return;
      const named = await storage.named();
      await gate.erase(hashes.filter((hash) => !named.has(hash)).map(blobHash));
    },
    /** Erases what only this experiment has named, which is removed. */
    async forgetExperiment(id: ExperimentId, named: ReadonlySet<string>): Promise<void> {
      if (!storage) return;
      const all = new Set([...named, ...held.forget(id)]);
      room.forget(id);
      for (const [hash, { users }] of waiting)
        for (const [client, { experiment }] of users)
          if (experiment === id && users.delete(client)) all.add(hash);
      for (const [hash, entry] of waiting) if (!isInUse(entry)) waiting.delete(hash);
      const others = await storage.named();
      await gate.erase([...all].filter((hash) => !others.has(hash)).map(blobHash));
    },
  };
}
