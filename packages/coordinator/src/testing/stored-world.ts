import type { BlobArchive } from "@tandem/core/stores";
import { blobsOf } from "@tandem/storage/garbage";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { createMemoryExperiments } from "@tandem/storage/memory-experiments";
import type { BlobUpkeep } from "../ports";
import { createWorld } from "./world";

/** A world whose blobs are erased once nobody needs them. */
export function createStoredWorld(
  change: Partial<BlobUpkeep> = {},
  {
    store = createMemoryExperiments(),
    archive = createMemoryBlobs(),
    ...others
  }: Parameters<typeof createWorld>[0] & { readonly archive?: BlobArchive } = {},
) {
  const storage: BlobUpkeep = {
    experimentBytes: 2 ** 30,
    reserveBytes: 1000,
    freeBytes: async () => 2 ** 40,
    usedBytes: new Map(),
    namedBy: (id) => blobsOf(store, id),
    async named() {
      const all = await Promise.all((await store.list()).map(({ id }) => blobsOf(store, id)));
      return new Set(all.flatMap((names) => [...names]));
    },
    erase: archive.delete,
    ...change,
  };
  const world = createWorld({ store, blobs: archive, storage, ...others });
  return { ...world, archive };
}
