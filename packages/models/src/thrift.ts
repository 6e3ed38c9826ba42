import { isOutOfMemory } from "@tandem/engine/out-of-memory";
import * as tf from "@tensorflow/tfjs-core";

export type Thrift = {
  readonly limited: (size: number) => number;
  /** Whether a batch of so many samples that has failed is to be tried again, with fewer. */
  readonly isShortened: (error: unknown, size: number) => boolean;
};

/** Batches are halved, for good, each time that memory runs out, down to `smallest` samples. */
export function createThrift(options: {
  readonly smallest: number;
  readonly onSmallerBatch?: ((size: number) => void) | undefined;
}): Thrift {
  const { smallest, onSmallerBatch } = options;
  let limit = Number.POSITIVE_INFINITY;
  return {
    limited: (size) => Math.min(size, limit),
    isShortened(error, size) {
      releaseTape();
      if (!isOutOfMemory(error) || size <= smallest) return false;
      limit = Math.max(smallest, Math.floor(size / 2));
      onSmallerBatch?.(limit);
      return true;
    },
  };
}

type TapeNode = { readonly saved?: readonly tf.Tensor[] };

/** tfjs keeps what a gradient that has failed saved for its backward pass. */
export function releaseTape(): void {
  const { state } = tf.engine() as unknown as { readonly state: { activeTape: TapeNode[] | null } };
  for (const { saved = [] } of state.activeTape ?? []) for (const tensor of saved) tensor.dispose();
  state.activeTape = null;
}
