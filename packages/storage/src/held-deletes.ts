import type { BlobHash } from "@tandem/core/ids";
import type { BlobArchive } from "@tandem/core/stores";
import { blobNotFound } from "./errors";

/**
 * The same blobs, of which those that are deleted while `hold` is in force are gone for everybody who asks
 * here, and stay in `archive` until it ends.
 */
export function holdDeletes(archive: BlobArchive) {
  const gone = new Set<BlobHash>();
  const puts = new Set<Promise<unknown>>();
  let holders = 0;
  let deleting: Promise<void> = Promise.resolve();

  async function deleteGone(): Promise<void> {
    await Promise.allSettled([...puts]);
    for (const hash of gone) {
      await archive.delete(hash);
      gone.delete(hash);
    }
  }

  const blobs: BlobArchive = {
    async put(bytes) {
      // Bytes that are put and deleted at once would be lost.
      for (let seen: unknown; seen !== deleting; ) {
        seen = deleting;
        await deleting.catch(() => {});
      }
      const put = archive.put(bytes).then((hash) => {
        gone.delete(hash);
        return hash;
      });
      puts.add(put);
      return put.finally(() => puts.delete(put));
    },
    get: async (hash) => {
      if (gone.has(hash)) throw blobNotFound(hash);
      return archive.get(hash);
    },
    has: async (hash) => !gone.has(hash) && archive.has(hash),
    list: async () => (await archive.list()).filter(({ hash }) => !gone.has(hash)),
    async delete(hash) {
      if (holders > 0) gone.add(hash);
      else await archive.delete(hash);
    },
  };

  return {
    blobs,
    /** The result ends it; then what nobody has put again is deleted. */
    hold(): () => Promise<void> {
      holders++;
      return () => {
        holders--;
        if (holders === 0) deleting = deleteGone();
        return deleting;
      };
    },
  };
}
