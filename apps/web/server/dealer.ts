import type { ExperimentConfig } from "@tandem/core/experiment";
import type { DealtData } from "@tandem/core/federated-data";
import type { BlobStore } from "@tandem/core/stores";
import { createAskedThread } from "./asked-thread";

export type ToDealer = { readonly config: ExperimentConfig };
type Dealt = { readonly data: DealtData; readonly blobs: readonly Uint8Array[] };

/** How long the thread keeps its data sets after the last that it was asked. */
const idleMs = 60_000;

/**
 * Deals the shipped data sets to places in a thread: whoever asks first for an experiment's data, a stranger
 * too, has all places' pictures packed, which takes a second or more.
 */
export function createDealer() {
  const file = new URL("./deal-thread.mjs", import.meta.url);
  const { ask, close } = createAskedThread<ToDealer, Dealt>({ file, does: "deals data", idleMs });
  return {
    /** Throws what the data set cannot provide. */
    async deal(config: ExperimentConfig, into: BlobStore): Promise<DealtData> {
      const { data, blobs } = await ask({ config });
      for (const bytes of blobs) await into.put(bytes);
      return data;
    },
    close,
  };
}
