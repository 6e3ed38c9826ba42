import type { BackboneReference, EncoderReference } from "@tandem/core/task";

/** A model as it is asked for. */
export type WantedBackbone = Pick<BackboneReference, "url" | "layer" | "normalisation"> & {
  readonly isTrained: boolean;
  /** Pixels a side, where the model leaves it open. */
  readonly size?: number;
};
export type CheckedBackbone = {
  readonly reference: BackboneReference | EncoderReference;
  /** Of its files, which every participant downloads. */
  readonly bytes: number;
};
export type FromBackboneWorker =
  | ({ readonly type: "checked" } & CheckedBackbone)
  | { readonly type: "failed"; readonly message: string };
