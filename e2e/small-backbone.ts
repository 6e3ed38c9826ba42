import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRng } from "@tandem/core/rng";

/** One convolution of any size's picture and its mean, as a LayersModel's files. */
function smallFiles(pooling: string) {
  const rng = createRng("small");
  const weights = Float32Array.from(
    { length: 3 * 3 * 3 * 6 + 6 },
    () => rng.integer(200) / 100 - 0.9,
  );
  const layer = (class_name: string, config: object) => ({ class_name, config });
  const convolution = {
    name: "first",
    filters: 6,
    kernel_size: [3, 3],
    strides: [2, 2],
    padding: "same",
    activation: "relu",
    batch_input_shape: [null, null, null, 3],
  };
  const layers = [layer("Conv2D", convolution), layer(pooling, { name: "mean" })];
  const spec = (name: string, shape: readonly number[]) => ({ name, shape, dtype: "float32" });
  const specs = [spec("first/kernel", [3, 3, 3, 6]), spec("first/bias", [6])];
  const modelTopology = layer("Sequential", { name: "small", layers });
  const weightsManifest = [{ paths: ["weights.bin"], weights: specs }];
  const json = JSON.stringify({ format: "layers-model", modelTopology, weightsManifest });
  return { json: Buffer.from(json), weights: Buffer.from(weights.buffer) };
}

/** Writes it into a folder; with another class than a pooling layer's it is one that tabs refuse. */
export async function writeSmallBackbone(folder: string, pooling = "GlobalAveragePooling2D") {
  const { json, weights } = smallFiles(pooling);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "model.json"), json);
  await writeFile(join(folder, "weights.bin"), weights);
  return { json, weights };
}
