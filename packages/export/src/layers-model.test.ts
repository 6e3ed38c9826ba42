import { f32 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import { architectures } from "@tandem/models/registry";
import * as tf from "@tensorflow/tfjs";
import { InferenceSession, Tensor as Value } from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import { layersFiles } from "./layers-files";
import { createStockModel } from "./layers-model";
import { onnxOf } from "./onnx";
import { loadPlain } from "./testing/plain-tfjs";
import { count, farthest, inputsOf, length, trainedModel } from "./testing/samples";

const close = 1e-5;

beforeAll(async () => {
  await startNodeEngine();
});

describe.each(architectures)("$name", ({ name }) => {
  it("opens in plain tfjs and says there what it says here", async () => {
    const trained = await trainedModel(name);
    const before = tf.memory().numTensors;
    const stock = createStockModel(trained.options);
    const files = await layersFiles(stock.model);
    stock.dispose();
    expect(tf.memory().numTensors).toBe(before);

    tf.setBackend("cpu"); // tfjs's own kernels in JavaScript
    const loaded = await loadPlain(files);
    const inputs = inputsOf(trained);
    const outputs = [loaded.predict(Object.values(inputs))].flat();
    const names = loaded.outputNames;
    expect(names.length).toBe(trained.modality === "image-text" ? 4 : 1);
    outputs.forEach((output, i) => {
      expect(farthest(output.dataSync(), trained.outputs[names[i]])).toBeLessThan(close);
    });
    tf.dispose([...outputs, ...Object.values(inputs)]);
    loaded.dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.setBackend("wasm");

    const again = createStockModel(trained.options);
    for (const [file, bytes] of Object.entries(await layersFiles(again.model)))
      expect(Buffer.compare(bytes, files[file]), file).toBe(0);
    again.dispose();
  });

  it("runs in onnxruntime, in batches of any size", async () => {
    const trained = await trainedModel(name);
    const stock = createStockModel(trained.options);
    const session = await InferenceSession.create(await onnxOf(stock.outputs));
    stock.dispose();
    const { imageSize: side } = trained.options;
    const { pixels, ids, modality } = trained;
    for (const size of [count, 1]) {
      const image = pixels.subarray(0, size * side * side * 3);
      const text = BigInt64Array.from(ids.subarray(0, size * length), BigInt);
      const outputs = await session.run({
        ...(modality !== "text" && { image: new Value("float32", image, [size, side, side, 3]) }),
        ...(modality !== "image" && { text: new Value("int64", text, [size, length]) }),
      });
      expect(Object.keys(outputs).sort()).toEqual(Object.keys(trained.outputs).sort());
      for (const [key, { data, dims }] of Object.entries(outputs)) {
        expect(dims[0]).toBe(size);
        const expected = trained.outputs[key].subarray(0, data.length);
        const scale = Math.max(1, ...expected.map(Math.abs));
        expect(farthest(data as Float32Array, expected) / scale).toBeLessThan(close);
      }
    }
    await session.release();
  });

  it("can be trained further in plain tfjs", async () => {
    const trained = await trainedModel(name, 16);
    const stock = createStockModel(trained.options);
    const loaded = await loadPlain(await layersFiles(stock.model));
    stock.dispose();
    const frozen = loaded.layers.filter((layer) => !layer.trainable && layer.weights.length > 0);
    const constants = /_norm_normal$|_unit$|_embedding$|^text_present$/;
    expect(frozen).toEqual(loaded.layers.filter((layer) => constants.test(layer.name)));
    const valuesOf = () => frozen.map((layer) => layer.getWeights().map((w) => w.dataSync()));
    const fixed = valuesOf();
    const inputs = inputsOf(trained);
    const labels = tf.oneHot([0, 1, 2, 0, 1, 2], 3);
    const xs = Object.values(inputs);
    const loss = () => {
      const outputs = [loaded.apply(xs, { training: true }) as tf.Tensor2D[]].flat();
      return tf.addN(
        outputs.slice(0, xs.length).map((p) => tf.losses.logLoss(labels, p) as tf.Tensor),
      ) as tf.Scalar;
    };
    const optimizer = tf.train.adam(0.003);
    const costs = Array.from({ length: 4 }, () =>
      tf.tidy(() => {
        const variables = loaded.trainableWeights.map((w) => w.read() as tf.Variable);
        return optimizer.minimize(loss, true, variables)?.dataSync()[0];
      }),
    );
    expect(costs[3]).toBeLessThan(Number(costs[0]));
    expect(valuesOf()).toEqual(fixed);
    loaded.dispose();
  });
});

it.each([16, 32, 64])("reads pictures of %i pixels too", async (side) => {
  for (const name of ["cnn-depthwise", "vit", "mlp-image"]) {
    const trained = await trainedModel(name, side);
    const stock = createStockModel(trained.options);
    const [input] = Object.values(inputsOf(trained));
    const output = stock.model.predict(input) as tf.Tensor;
    const expected = trained.outputs.image_probabilities;
    expect(farthest(output.dataSync(), expected)).toBeLessThan(close);
    const session = await InferenceSession.create(await onnxOf(stock.outputs));
    const image = new Value("float32", trained.pixels, [count, side, side, 3]);
    const { image_probabilities } = await session.run({ image });
    expect(farthest(image_probabilities.data as Float32Array, expected)).toBeLessThan(close);
    await session.release();
    stock.dispose();
  }
});

it("gives logits by name", async () => {
  const trained = await trainedModel("dual-mlp-bag");
  const stock = createStockModel(trained.options);
  const layer = stock.model.getLayer("text_logits");
  const network = tf.model({ inputs: stock.model.inputs, outputs: layer.output });
  const output = network.predict(Object.values(inputsOf(trained))) as tf.Tensor;
  expect(farthest(output.dataSync(), trained.outputs.text_logits)).toBeLessThan(close);
  stock.dispose();
});

it("refuses weights of another model, naming them", async () => {
  const { options } = await trainedModel("bag");
  const build = (weights: typeof options.weights) => () =>
    createStockModel({ ...options, weights }).dispose();
  const { "text.dense.bias": bias, ...rest } = options.weights;
  expect(build(rest)).toThrow(/"text.dense.bias" is missing/);
  expect(build({ ...options.weights, extra: bias })).toThrow(/"extra" is surplus/);
  expect(build({ ...rest, "text.dense.bias": f32([1], [0]) })).toThrow(/\[1\], not \[64\]/);
  expect(() => createStockModel({ ...options, architecture: "cmn" })).toThrow(/cnn-small/);
});

it("says which layer cannot be written as ONNX", async () => {
  const x = tf.input({ name: "image", shape: [4, 4, 3] });
  const outputsOf = (layer: { apply(x: tf.SymbolicTensor): unknown }) => ({
    y: layer.apply(x) as tf.SymbolicTensor,
  });
  const upsampling = tf.layers.upSampling2d({ name: "up" });
  await expect(onnxOf(outputsOf(upsampling))).rejects.toThrow(/"up" is a UpSampling2D.*Conv2D/);
  const dilated = tf.layers.conv2d({ name: "wide", filters: 1, kernelSize: 2, dilationRate: 2 });
  await expect(onnxOf(outputsOf(dilated))).rejects.toThrow(/"wide" has dilationRate \[2,2\]/);
  const selu = tf.layers.activation({ name: "odd", activation: "selu" });
  await expect(onnxOf(outputsOf(selu))).rejects.toThrow(/"odd" has the activation selu.*relu/);
});
