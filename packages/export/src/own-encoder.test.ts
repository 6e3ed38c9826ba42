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

const takenOf = (weights: ModelToTake["weights"]) => ({
  architecture: "own-layers",
  imageSize: 8,
  weights,
  classes: ["a", "b", "c"],
  task: { name: "Fruit", description: "", publicLicence: "" },
  training: { experiment: "e", strategy: "FedAvg", rounds: 1, data: "40 pictures" },
  results: [],
});

it("is taken along as ONNX too, which says the same", async () => {
  const encoder = await open("0..1");
  const trained = await trainedModel("own-layers", 8, encoder);
  const taken = takenOf(trained.options.weights);
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
});

it("is taken along without ONNX where a layer cannot be written so, and the card says why", async () => {
  const odd = tf.sequential({ name: "odd" });
  const inputShape = [8, 8, 3];
  odd.add(tf.layers.conv2d({ name: "wide", filters: 4, kernelSize: 3, inputShape }));
  odd.add(tf.layers.leakyReLU({ name: "leak" }));
  odd.add(tf.layers.globalAveragePooling2d({ name: "mean" }));
  const encoder = await open("0..1", undefined, odd as never);
  const { weights } = (await trainedModel("own-layers", 8, encoder)).options;
  const files = await modelFiles({ ...takenOf(weights), encoder: encoder.source });
  expect(Object.keys(files)).not.toContain("model.onnx");
  const card = new TextDecoder().decode(files["README.md"]);
  expect(card).toMatch(/There is no model\.onnx\. Layer "leak" is a LeakyReLU, which is not/);
  expect(card).not.toContain("onnxruntime");
  encoder.dispose();
});
