import { TandemError } from "@tandem/core/errors";
import type { BackboneReference, Normalisation } from "@tandem/core/task";
import type { BackboneFiles } from "@tandem/models/backbone/files";
import { buildLayersModel, cutAt, disposeWeights } from "@tandem/models/backbone/layers-model";
import { type LayersModel, layers, model, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { normalised } from "./normalised";
import type { Stock } from "./stock";

/** A frozen model whose output is features (B, d), or a map of them (B, h, w, d). */
export type StockBackbone = {
  readonly model: LayersModel;
  readonly normalisation: Normalisation;
};

/** A LayersModel as a task has pinned it, its layers frozen; the caller disposes of it. */
export async function openStockBackbone(
  files: BackboneFiles,
  { layer, normalisation }: BackboneReference,
): Promise<StockBackbone & { readonly dispose: () => void }> {
  const built = await buildLayersModel(files);
  const { inputs, outputs } = cutAt(built.model, layer);
  const own = model({ name: "backbone", inputs, outputs });
  for (const one of own.layers) one.trainable = false;
  return { model: own, normalisation, dispose: () => disposeWeights(built.model) };
}

/** Pictures in [0, 1] as the backbone is fed them, then its features. */
export function placeBackbone(
  s: Stock,
  image: SymbolicTensor,
  { model: backbone, normalisation }: StockBackbone,
): SymbolicTensor {
  // Its weights are not the head's: the stock neither fills nor disposes of them.
  const features = backbone.apply(normalised(s, image, normalisation)) as SymbolicTensor;
  return features.shape.length === 4
    ? s.place(layers.globalAveragePooling2d({ name: "backbone_mean" }), features)
    : features;
}

/** tfjs finds weights by their names alone: two of one name could not be read back. */
export function refuseSameNames({ weights }: LayersModel): void {
  const seen = new Set<string>();
  for (const { originalName } of weights) {
    if (seen.has(originalName))
      throw new TandemError(
        "not-supported",
        `the backbone and the head both have a weight "${originalName}": rename the backbone's layer, and make the task again.`,
      );
    seen.add(originalName);
  }
}
