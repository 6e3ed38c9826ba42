import { blobHash } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import type { BlobStore } from "@tandem/core/stores";
import { decodePayload } from "@tandem/protocol/payload-codec";

/** Decodes strategies' states by hash and keeps the last one only: one can be many megabytes. */
export function decodedStates(blobs: BlobStore): (hash: string) => Promise<Payload> {
  let last: { readonly hash: string; readonly payload: Promise<Payload> } | undefined;
  return (hash) => {
    if (last?.hash === hash) return last.payload;
    const payload = blobs.get(blobHash(hash)).then((bytes) => decodePayload(bytes));
    const own = { hash, payload };
    last = own;
    payload.catch(() => {
      if (last === own) last = undefined;
    });
    return payload;
  };
}
