import type { BlobHash } from "@tandem/core/ids";
import type { BlobArchive } from "@tandem/core/stores";
import { sha256Hex } from "@tandem/protocol/sha256";
import { blobNotFound } from "./errors";

/** Blobs that last as long as the process. Bytes are copied on their way in and out. */
export function createMemoryBlobs(): BlobArchive {
  const blobs = new Map<BlobHash, { readonly bytes: Uint8Array; readonly putAt: number }>();
  return {
    async put(bytes) {
      const copy = new Uint8Array(bytes);
      const hash = await sha256Hex(copy);
      blobs.set(hash, { bytes: copy, putAt: Date.now() });
      return hash;
    },
    async get(hash) {
      const found = blobs.get(hash);
      if (!found) throw blobNotFound(hash);
      return found.bytes.slice();
    },
    async has(hash) {
      return blobs.has(hash);
    },
    async list() {
      return Array.from(blobs, ([hash, { bytes, putAt }]) => ({
        hash,
        putAt,
        bytes: bytes.length,
      }));
    },
    async delete(hash) {
      blobs.delete(hash);
    },
  };
}
