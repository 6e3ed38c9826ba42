import { type BlobHash, blobHash } from "@tandem/core/ids";

/** Works in workers, pages of a secure context, and Node. */
export async function sha256Hex(bytes: Uint8Array): Promise<BlobHash> {
  const digest = await globalThis.crypto.subtle.digest("SHA-256", bytes as BufferSource);
  return blobHash(
    Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join(""),
  );
}
