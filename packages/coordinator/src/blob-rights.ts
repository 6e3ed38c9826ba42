import { TandemError } from "@tandem/core/errors";
import type { BlobHash } from "@tandem/core/ids";
import type { BlobKeeper } from "./blob-keeper";
import type { createRuntimes } from "./runtimes";

/** Whom a blob concerns. */
export function createBlobRights({
  runtimes,
  keeper,
}: {
  readonly runtimes: Pick<ReturnType<typeof createRuntimes>, "ownerOf" | "loaded">;
  readonly keeper: Pick<BlobKeeper, "put" | "requireRoom">;
}) {
  function memberOf(token: string) {
    const owner = runtimes.ownerOf(token);
    const runtime = owner && runtimes.loaded(owner.experiment);
    const client = owner && runtime?.clients.get(owner.client);
    return runtime && client && { runtime, client };
  }

  function requireMember(token: string) {
    const found = memberOf(token);
    if (!found) throw new TandemError("unauthorised", "Send the token that join gave you.");
    return found;
  }

  return {
    /** Its own shard, what all of its experiment fetch, and what it is asked; nothing else, and nobody else. */
    async mayRead(token: string, hash: BlobHash): Promise<boolean> {
      const member = memberOf(token);
      if (!member) return false;
      const { runtime, client } = member;
      const { slots, test, vocabulary } = await runtime.data();
      const { shard } = slots[client.record.slot];
      const instruction = runtime.state.instructions.get(client.record.id);
      const known = [shard, test, vocabulary, instruction].map((one) => one?.hash);
      return known.includes(hash) || client.asked.includes(hash);
    },
    /** Before the bytes are read; throws `unauthorised` or `full`. */
    async admit(token: string, bytes: number): Promise<void> {
      const { runtime, client } = requireMember(token);
      await keeper.requireRoom(runtime, client, bytes);
    },
    async put(token: string, bytes: Uint8Array): Promise<BlobHash> {
      const { runtime, client } = requireMember(token);
      return keeper.put(runtime, client, bytes);
    },
  };
}
