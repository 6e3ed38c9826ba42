import type { Normalisation } from "@tandem/core/task";
import { startNodeEngine } from "@tandem/engine/node";
import { readBackbone } from "@tandem/models/backbone/files";
import { layersEncoder } from "@tandem/models/backbone/layers-encoder";
import { folderOf, reader, trainableModel } from "@tandem/models/backbone/testing/folders";
import * as tf from "@tensorflow/tfjs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { beforeAll, expect, it } from "vitest";
import { modelFiles } from "./export-model";
import { layersFiles } from "./layers-files";
import { createStockModel } from "./layers-model";
import type { ModelToTake } from "./model-to-take";
import { loadPlain } from "./testing/plain-tfjs";
import { farthest, inputsOf, trainedModel } from "./testing/samples";

beforeAll(async () => {
  await startNodeEngine();
});

const open = async (normalisation: Normalisation, layer?: string, model = trainableModel()) =>
  layersEncoder(await readBackbone(reader(await folderOf(model))), {
    normalisation,
    layer,
  });

it.each<[string, number, Normalisation, string?]>([
  ["own-layers", 8, "0..255"],
  ["own-layers", 28, "imagenet"],
  ["own-layers", 16, "-1..1", "relu"],
  ["dual-own-layers-bag", 4, "0..1"],
])("%s on %i pixels, fed %s, says in plain tfjs what it says here", async (name, side, ...how) => {
  const encoder = await open(...how);
  const trained = await trainedModel(name, side, encoder);
  const before = tf.memory().numTensors;
  const stock = createStockModel(trained.options);
  const files = await layersFiles(stock.model);
  stock.dispose();
  expect(tf.memory().numTensors).toBe(before);
  tf.setBackend("cpu"); // tfjs's own kernels in JavaScript
  const loaded = await loadPlain(files);
  const inputs = inputsOf(trained);
  const outputs = [loaded.predict(Object.values(inputs))].flat();
  outputs.forEach((output, i) => {
    const expected = trained.outputs[loaded.outputNames[i]];
    expect(farthest(output.dataSync(), expected)).toBeLessThan(1e-5);
  });
  tf.dispose([...outputs, ...Object.values(inputs)]);
  loaded.dispose();
  tf.setBackend("wasm");
  encoder.dispose();
});

const takenOf = (weights: ModelToTake["weights"], imageSize = 8) => ({
  architecture: "own-layers",
  imageSize,
  weights,
  classes: ["a", "b", "c"],
  task: { name: "Fruit", description: "", publicLicence: "" },
  training: { experiment: "e", strategy: "FedAvg", rounds: 1, data: "40 pictures" },
  results: [],
});

it.each([
  ["0..1", 8],
  ["imagenet", 28],
] as const)(
  "is taken along as ONNX too, which says the same, fed %s of %i pixels",
  async (fed, side) => {
    const encoder = await open(fed);
    const trained = await trainedModel("own-layers", side, encoder);
    const taken = takenOf(trained.options.weights, side);
    const files = await modelFiles({ ...taken, encoder: encoder.source });
    const session = await InferenceSession.create(files["model.onnx"]);
    const { image } = inputsOf(trained) as { readonly image: tf.Tensor };
    const { image_probabilities } = await session.run({
      image: new Tensor("float32", image.dataSync() as Float32Array, image.shape),
    });
    await session.release();
    const expected = trained.outputs.image_probabilities;
    expect(farthest(image_probabilities.data as Float32Array, expected)).toBeLessThan(1e-5);
    const card = new TextDecoder().decode(files["README.md"]);
    expect(card).toContain("Architecture: A LayersModel of one's own");
    expect(card).toContain("onnxruntime");
    image.dispose();
    await expect(modelFiles(taken)).rejects.toThrow(
      /own-layers trains an encoder: give the one it began with/,
    );
    encoder.dispose();
  },
);

const { averagePooling2d, conv2d, leakyReLU } = tf.layers;
const inputShape = [8, 8, 3];
it.each<[string, tf.layers.Layer, RegExp]>([
  [
    "a layer has none",
    leakyReLU({ name: "leak", inputShape }),
    /Layer "leak" is a LeakyReLU, which is not/,
  ],
  [
    "it would be wrong",
    averagePooling2d({ name: "wide", poolSize: 2, strides: [1, 2], inputShape }),
    /Layer "wide" gives \\\[7,4,3\\\], its ONNX \\\[7,7,3\\\]\./,
  ],
])("is taken along without ONNX where %s, and the card says why", async (_, layer, why) => {
  const odd = tf.sequential({ name: "odd" });
  odd.add(layer);
  odd.add(conv2d({ name: "last", filters: 4, kernelSize: 3 }));
  odd.add(tf.layers.globalAveragePooling2d({ name: "mean" }));
  const encoder = await open("0..1", undefined, odd as never);
  const { weights } = (await trainedModel("own-layers", 8, encoder)).options;
  const files = await modelFiles({ ...takenOf(weights), encoder: encoder.source });
  expect(Object.keys(files)).not.toContain("model.onnx");
  const card = new TextDecoder().decode(files["README.md"]);
  expect(card).toContain("There is no model.onnx.");
  expect(card).toMatch(why);
  expect(card).not.toContain("onnxruntime");
  encoder.dispose();
});
