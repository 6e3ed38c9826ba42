import type { LabelledSet } from "@tandem/core/data";
import type { BlobStore } from "@tandem/core/stores";
import { encodeLabelledSet } from "@tandem/protocol/labelled-set";

/** Stores a set of a task; answers what its record has of it. */
export async function putSet(blobs: BlobStore, set: LabelledSet) {
  const bytes = encodeLabelledSet(set);
  return { hash: await blobs.put(bytes), bytes: bytes.length, size: set.size };
}
