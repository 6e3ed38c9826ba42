import type { BlobHash } from "@tandem/core/ids";

/** Lets blobs be put, or be erased: of bytes that are put and erased at once nothing must be lost. */
export function createBlobGate(
  isWanted: (hash: BlobHash) => boolean,
  erase: (hash: BlobHash) => Promise<void>,
) {
  const puts = new Set<Promise<unknown>>();
  let erasing: Promise<void> = Promise.resolve();
  return {
    /** Once nothing is being erased. */
    async put<T>(work: () => Promise<T>): Promise<T> {
      for (let seen: unknown; seen !== erasing; ) {
        seen = erasing;
        await seen;
      }
      const put = work();
      puts.add(put);
      return put.finally(() => puts.delete(put));
    },
    /** Those that nobody has come to want meanwhile, once nothing is being put. */
    erase(hashes: readonly BlobHash[]): Promise<void> {
      erasing = erasing.then(async () => {
        await Promise.allSettled([...puts]);
        for (const hash of hashes) if (!isWanted(hash)) await erase(hash).catch(() => {}); // the next start of the server finds it
      });
      return erasing;
    },
    erased: () => erasing,
  };
}
