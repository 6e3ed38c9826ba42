import { createRng } from "@tandem/core/rng";
import { u8 } from "@tandem/core/tensor";
import { createTokenizer } from "@tandem/core/tokenizer";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { createModel } from "../registry";
import { createTrainer } from "../trainer";
import { readBackbone } from "./files";
import { layersEncoder } from "./layers-encoder";
import { type Folder, folderOf, graphOf, reader, smallModel } from "./testing/folders";

let tensors = 0;
beforeAll(async () => {
  await startNodeEngine();
});
beforeEach(() => {
  tensors = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(tensors);
});

const load = async (folder: Folder) =>
  layersEncoder(await readBackbone(reader(folder)), { normalisation: "-1..1" });

const tokenizer = createTokenizer({ words: ["red", "blue"], buckets: 2 });
const trainer = createTrainer({ tokenizer });
const rng = createRng("own layers");
/** Class 0 is red, class 1 blue. */
const set = {
  size: 16,
  labels: Int32Array.from({ length: 16 }, (_, i) => i % 2),
  images: u8(
    [16, 8, 8, 3],
    Array.from({ length: 16 * 192 }, (_, at) =>
      at % 3 === 2 * (Math.floor(at / 192) % 2) ? 200 : rng.integer(100),
    ),
  ),
  captions: Array.from({ length: 16 }, (_, i) => (i % 2 ? "blue" : "red")),
};
const modelOf = (encoder: Awaited<ReturnType<typeof load>>, architecture = "own-layers") =>
  createModel({
    architecture,
    encoder: encoder.make,
    classes: 2,
    vocabularySize: tokenizer.size,
    imageSize: 8,
    seed: 1,
  });
const loss = (output: ReturnType<ReturnType<typeof modelOf>["forward"]>, labels: tf.Tensor1D) =>
  tf.addN(
    Object.values(output.logits).map((logits) =>
      tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 2), logits),
    ),
  ) as tf.Scalar;
const fit = (model: ReturnType<typeof modelOf>, epochs: number) =>
  trainer.train({
    model,
    set,
    epochs,
    batchSize: 8,
    learningRate: 0.01,
    rng: createRng(2),
    loss: (output, { labels }) => loss(output, labels),
  });

/** With what MobileNets are made of, a frozen first layer, dropout, and a model within. */
function realistic(): tfl.LayersModel {
  const inner = smallModel();
  const model = tfl.sequential();
  model.add(
    tfl.layers.separableConv2d({
      name: "stem",
      filters: 3,
      kernelSize: 3,
      padding: "same",
      trainable: false,
      inputShape: [8, 8, 3],
    }),
  );
  model.add(tfl.layers.batchNormalization({ name: "norm" }));
  model.add(tfl.layers.depthwiseConv2d({ name: "depthwise", kernelSize: 3, padding: "same" }));
  model.add(tfl.layers.dropout({ rate: 0.5 }));
  model.add(inner);
  return model;
}

it.each(["own-layers", "dual-own-layers-bag"])(
  "%s trains the layers, each model its own, and comes back from its weights",
  async (architecture) => {
    const encoder = await load(await folderOf(realistic()));
    const [model, other] = [modelOf(encoder, architecture), modelOf(encoder, architecture)];
    const start = await model.weights();
    expect(await other.weights()).toEqual(start);
    expect(Object.keys(start).filter((name) => /^image\.(?!head|proj)/.test(name))).toEqual([
      "image.own.norm.gamma",
      "image.own.norm.beta",
      "image.own.depthwise.depthwise_kernel",
      "image.own.depthwise.bias",
      "image.own.first.kernel",
      "image.own.first.bias",
      "image.own.second.kernel",
      "image.own.second.bias",
    ]);
    const early = await fit(model, 1);
    const late = await fit(model, 10);
    expect(late.loss).toBeLessThan(early.loss * 0.8);
    const trained = await model.weights();
    for (const name of [
      "image.own.norm.gamma",
      "image.own.depthwise.depthwise_kernel",
      "image.own.first.kernel",
    ])
      expect(trained[name].data).not.toEqual(start[name].data);
    expect(await other.weights()).toEqual(start);
    other.load(trained);
    expect(await trainer.predict(other, set)).toEqual(await trainer.predict(model, set));
    model.dispose();
    other.dispose();
    encoder.dispose();
  },
);

it("has the gradient that small steps along it show", async () => {
  const encoder = await load(await folderOf(realistic()));
  const model = modelOf(encoder);
  const variables = Object.values(model.variables);
  const cost = () => {
    const image = tf.div(tf.tensor4d(set.images.data, [16, 8, 8, 3], "float32"), 255);
    return loss(model.forward({ image: image as tf.Tensor4D }), tf.tensor1d(set.labels, "int32"));
  };
  const { value, grads } = tf.variableGrads(cost, variables);
  const directions = variables.map((variable) => grads[variable.name]);
  const norm = Math.hypot(...directions.flatMap((g) => (g ? Array.from(g.dataSync()) : [])));
  const along = (by: number) =>
    tf.tidy(() => {
      variables.forEach((variable, i) => {
        if (directions[i]) variable.assign(tf.add(variable, tf.mul(directions[i], by / norm)));
      });
      return cost().dataSync()[0];
    });
  const step = 1e-3;
  const [above, below] = [along(step), along(-2 * step)];
  expect((above - below) / (2 * step) / norm).toBeCloseTo(1, 1);
  tf.dispose([value, ...Object.values(grads)]);
  model.dispose();
  encoder.dispose();
});

it("a weight's name is plain, is nobody else's, and is none of the head's", async () => {
  const model = tfl.sequential();
  const named = (name: string) => tfl.layers.dense({ name, units: 4 });
  model.add(tfl.layers.flatten({ inputShape: [8, 8, 3] }));
  for (const name of ["head", "a/layer", "a.layer"]) model.add(named(name));
  const encoder = await load(await folderOf(model));
  const made = modelOf(encoder);
  expect(encoder).toMatchObject({ size: 8, features: 4, parameters: 4 * 193 + 2 * 20 });
  expect(Object.keys(made.variables).sort()).toEqual([
    "image.head.bias",
    "image.head.weight",
    "image.own.a.layer.bias",
    "image.own.a.layer.bias_2",
    "image.own.a.layer.kernel",
    "image.own.a.layer.kernel_2",
    "image.own.head.bias",
    "image.own.head.kernel",
    "image.projector.bias",
    "image.projector.weight",
  ]);
  made.dispose();
  encoder.dispose();
});

const withLayer = (layer: tfl.layers.Layer) => {
  const model = tfl.sequential();
  model.add(tfl.layers.conv2d({ name: "first", filters: 4, kernelSize: 3, inputShape: [8, 8, 3] }));
  model.add(layer);
  model.add(tfl.layers.globalAveragePooling2d({}));
  return folderOf(model);
};
const frozen = () => {
  const model = smallModel();
  for (const layer of model.layers) layer.trainable = false;
  return folderOf(model);
};

it("a layer without a gradient here is refused, so that another backend can be tried", async () => {
  const larger = { name: "larger", filters: 4, kernelSize: 3, dilationRate: 2 };
  const folder = await withLayer(tfl.layers.conv2d(larger));
  await expect(load(folder)).rejects.toMatchObject({
    code: "wrong-backend",
    message: expect.stringMatching(
      /layer "larger" has no gradient on wasm \(.*dilation.*\): replace it/,
    ),
  });
});

it.each<[string, () => Promise<Folder>, RegExp]>([
  ["only frozen layers", frozen, /none of its layers is trainable/],
  ["a graph", async () => graphOf(await folderOf(smallModel())), /graph model is frozen/],
])("refuses %s, with the way out", async (_, folder, message) => {
  await expect(load(await folder())).rejects.toMatchObject({
    code: "bad-data",
    message: expect.stringMatching(message),
  });
});
