import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRng } from "@tandem/core/rng";
import { sizeOf } from "@tandem/core/tensor";

export const layer = (class_name: string, config: object) => ({ class_name, config });
export const convolution = (name: string, side: number | null) =>
  layer("Conv2D", {
    name,
    filters: 6,
    kernel_size: [3, 3],
    strides: [2, 2],
    padding: "same",
    activation: "relu",
    batch_input_shape: [null, side, side, 3],
  });
/** Or, by another class than a pooling layer's, what tabs refuse. */
const last = (kind: string) => layer(kind, { name: "mean" });
export const pool = last("GlobalAveragePooling2D");
type Weights = Readonly<Record<string, readonly number[]>>;
export const convolved: Weights = { "first/kernel": [3, 3, 3, 6], "first/bias": [6] };

/** A LayersModel's files, with weights between -0.9 and 1.1. */
export function layersFiles(layers: readonly object[], weights: Weights, seed = "small") {
  const rng = createRng(seed);
  const specs = Object.entries(weights).map(([name, shape]) => ({ name, shape, dtype: "float32" }));
  const values = Float32Array.from(
    Object.entries(weights).flatMap(([name, shape]) =>
      Array.from(
        { length: sizeOf(shape) },
        () => rng.integer(200) / 100 - (name.endsWith("variance") ? -0.1 : 0.9),
      ),
    ),
  );
  const modelTopology = layer("Sequential", { name: "small", layers });
  const weightsManifest = [{ paths: ["weights.bin"], weights: specs }];
  const json = JSON.stringify({ format: "layers-model", modelTopology, weightsManifest });
  return { json: Buffer.from(json), weights: Buffer.from(values.buffer) };
}

export type LayersFiles = ReturnType<typeof layersFiles>;

/** One convolution of any size's picture and its mean. */
export const smallFiles = (pooling?: string) =>
  layersFiles([convolution("first", null), pooling ? last(pooling) : pool], convolved);

export async function writeLayers(folder: string, { json, weights }: LayersFiles) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "model.json"), json);
  await writeFile(join(folder, "weights.bin"), weights);
}
