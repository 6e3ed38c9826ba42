import type { BlobHash } from "@tandem/core/ids";
import type { BlobStore } from "@tandem/core/stores";
import { sha256Hex } from "@tandem/protocol/sha256";
import { blobNotFound } from "./errors";

/** Blobs that last as long as the process. Bytes are copied on their way in and out. */
export function createMemoryBlobs(): BlobStore {
  const blobs = new Map<BlobHash, Uint8Array>();
  return {
    async put(bytes) {
      const copy = new Uint8Array(bytes);
      const hash = await sha256Hex(copy);
      blobs.set(hash, copy);
      return hash;
    },
    async get(hash) {
      const bytes = blobs.get(hash);
      if (!bytes) throw blobNotFound(hash);
      return bytes.slice();
    },
    async has(hash) {
      return blobs.has(hash);
    },
  };
}
