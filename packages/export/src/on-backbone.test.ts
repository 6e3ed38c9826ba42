import { createRng } from "@tandem/core/rng";
import { type BackboneReference, normalisations } from "@tandem/core/task";
import { f32 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import { loadBackbone } from "@tandem/models/backbone/backbone";
import { type BackboneFiles, readBackbone } from "@tandem/models/backbone/files";
import { mobileNet, mobileNetFiles } from "@tandem/models/backbone/mobile-net";
import {
  asBytes,
  type Folder,
  folderOf,
  graphOf,
  jsonOf,
  reader,
  smallModel,
} from "@tandem/models/backbone/testing/folders";
import { createModel } from "@tandem/models/registry";
import { decodeSafetensors } from "@tandem/protocol/safetensors";
import * as tf from "@tensorflow/tfjs";
import { unzipSync } from "fflate";
import { InferenceSession, Tensor as Value } from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import { exportModel } from "./export-model";
import type { ModelToTake } from "./model-to-take";
import { planExport } from "./plan-export";
import { loadPlain } from "./testing/plain-tfjs";
import { farthest } from "./testing/samples";

const close = 1e-5;
const classes = ["apple", "pear", "plum"];
const vocabulary = { words: ["red", "round"], buckets: 5 };

beforeAll(async () => {
  await startNodeEngine();
});

/** A head whose weights have moved, on a backbone; what both make of two pictures (h, w, 3) in [0, 1]. */
async function trained(
  files: BackboneFiles,
  architecture: string,
  pinned: Pick<BackboneReference, "normalisation" | "layer"> & { readonly size?: number },
) {
  const backbone = await loadBackbone(files, pinned);
  const { size, features, sha256 } = backbone;
  const rng = createRng(architecture);
  const model = createModel({
    ...{ architecture, classes: classes.length, imageSize: size, featureSize: features, seed: 5 },
    vocabularySize: vocabulary.words.length + vocabulary.buckets + 1,
  });
  const weights = Object.fromEntries(
    Object.entries(await model.weights()).map(([name, { shape, data }]) => [
      name,
      f32(
        shape,
        Float32Array.from(data, (value) => value + 0.3 * rng.normal()),
      ),
    ]),
  );
  model.load(weights);
  const pixels = Float32Array.from({ length: 2 * size * size * 3 }, () => rng.uniform());
  const [told, rows] = tf.tidy(() => {
    const pictures = tf.tensor4d(pixels, [2, size, size, 3]);
    const made = backbone.run(tf.mul(pictures, 255) as tf.Tensor4D);
    const { logits } = model.forward({ features: made });
    const shares = tf.softmax(logits.image as tf.Tensor2D);
    return [shares.dataSync() as Float32Array, made.dataSync() as Float32Array];
  });
  model.dispose();
  backbone.dispose();
  const reference: BackboneReference = {
    ...{ url: "/backbones/small/model.json", sha256, size, features },
    ...{ normalisation: pinned.normalisation, ...(pinned.layer && { layer: pinned.layer }) },
  };
  const taken: ModelToTake = {
    ...{ architecture, weights, classes, imageSize: size, backbone: reference },
    ...(architecture.startsWith("dual") && { vocabulary }),
    task: { name: "Fruit", description: "", publicLicence: "CC0-1.0" },
    training: { experiment: "exp-1", strategy: "FedAvg", rounds: 2, data: "samples" },
    results: [],
  };
  return { taken, pixels, told, rows, size };
}

const card = (files: Folder) => new TextDecoder().decode(files["README.md"]);
const opened = async (folder: Folder) => readBackbone(reader(folder));

/** The first output, by plain tfjs with its own kernels in JavaScript. */
async function inPlainTfjs(files: Folder, inputs: readonly tf.Tensor[]): Promise<Float32Array> {
  tf.setBackend("cpu");
  try {
    const loaded = await loadPlain(files);
    const [first] = [loaded.predict(inputs.length > 1 ? [...inputs] : inputs[0])].flat();
    const values = first.dataSync() as Float32Array;
    loaded.dispose();
    return values;
  } finally {
    tf.setBackend("wasm");
  }
}

async function inOnnx(files: Folder, name: string, shape: readonly number[], data: Float32Array) {
  const session = await InferenceSession.create(files["model.onnx"]);
  const { image_probabilities } = await session.run({ [name]: new Value("float32", data, shape) });
  await session.release();
  return image_probabilities.data as Float32Array;
}

describe.each(normalisations)("a model on a backbone that is fed %s", (normalisation) => {
  it("is one model from pixels to classes, in plain tfjs and in onnxruntime", async () => {
    const files = await opened(await folderOf(smallModel()));
    const { taken, pixels, told } = await trained(files, "backbone-mlp", { normalisation });
    const before = tf.memory().numTensors;
    const zip = await exportModel(taken, files);
    expect(tf.memory().numTensors).toBe(before);
    expect(Buffer.compare(await exportModel(taken, files), zip)).toBe(0);
    const out = unzipSync(zip);
    const shape = [2, 8, 8, 3] as const;
    const image = tf.tensor4d(pixels, [...shape]);
    expect(farthest(await inPlainTfjs(out, [image]), told)).toBeLessThan(close);
    expect(farthest(await inOnnx(out, "image", shape, pixels), told)).toBeLessThan(close);
    expect(Object.keys(decodeSafetensors(out["model.safetensors"]).arrays)).toEqual(
      Object.keys(taken.weights).sort(),
    );
    expect(card(out)).toContain("`model.safetensors` has the weights of the head alone");
    expect(planExport(taken, files)).toEqual({ bytes: expect.any(Number), holds: "model" });
  });
});

it("a map of features is averaged, also cut out of a model of any size within another", async () => {
  const inner = smallModel(null);
  const outer = tf.sequential({ name: "outer" });
  outer.add(inner);
  outer.add(tf.layers.dense({ name: "top", units: 2 }));
  const nested = await opened(await folderOf(outer as never));
  const plain = await opened(await folderOf(smallModel(null)));
  const pinned = { normalisation: "0..1", size: 12 } as const;
  for (const [files, layer] of [
    [plain, "second"],
    [nested, "small"],
  ] as const) {
    const { taken, pixels, told } = await trained(files, "backbone-linear", { ...pinned, layer });
    const out = unzipSync(await exportModel(taken, files));
    const shape = [2, 12, 12, 3] as const;
    const image = tf.tensor4d(pixels, [...shape]);
    expect(farthest(await inPlainTfjs(out, [image]), told)).toBeLessThan(close);
    expect(farthest(await inOnnx(out, "image", shape, pixels), told)).toBeLessThan(close);
  }
});

it("MobileNetV2 and a head are one model", async () => {
  const files = await opened(await mobileNetFiles());
  const { taken, pixels, told, size } = await trained(files, "backbone-linear", mobileNet);
  const zip = await exportModel(taken, files);
  const out = unzipSync(zip);
  const shape = [2, size, size, 3] as const;
  expect(farthest(await inOnnx(out, "image", shape, pixels), told)).toBeLessThan(close);
  const loaded = await loadPlain(out);
  const image = tf.tensor4d(pixels, [...shape]);
  const values = (loaded.predict(image) as tf.Tensor).dataSync();
  expect(farthest(values, told)).toBeLessThan(close);
  expect(loaded.trainableWeights.map(({ originalName }) => originalName).sort()).toEqual([
    "image_logits/bias",
    "image_logits/kernel",
  ]);
  loaded.dispose();
  expect(planExport(taken, files).bytes / zip.length).toBeCloseTo(1, 1);
});

it("of a graph the head alone is taken, and the card says what goes before it", async () => {
  const files = await opened(graphOf(await folderOf(smallModel())));
  const head = await trained(files, "dual-backbone-bag", { normalisation: "imagenet" });
  const out = unzipSync(await exportModel(head.taken, files));
  const texts = tf.zeros([2, 16], "int32");
  const features = tf.tensor2d(head.rows, [2, 6]);
  expect(farthest(await inPlainTfjs(out, [features, texts]), head.told)).toBeLessThan(close);
  expect(planExport(head.taken, files).holds).toBe("head");
  const text = card(out);
  expect(text).toContain("the head alone");
  expect(text).toContain("/backbones/small/model.json on the study's server");
  expect(text).toContain(files.sha256);
  expect(text).toContain("It is fed 8 x 8 pixels, from 0 to 255, less 123.675, 116.28, 103.53");
  expect(text).toContain("`features`: float32 (N, 6)");
  expect(text).not.toContain("fromPixels");
});

it("a layer that is not written as ONNX is told before, and in the card in its place", async () => {
  const odd = tf.sequential({ name: "odd" });
  const inputShape = [8, 8, 3];
  odd.add(tf.layers.conv2d({ name: "wide", filters: 4, kernelSize: 3, inputShape }));
  odd.add(tf.layers.leakyReLU({ name: "leak" }));
  odd.add(tf.layers.globalAveragePooling2d({ name: "mean" }));
  const files = await opened(await folderOf(odd as never));
  const made = await trained(files, "backbone-linear", { normalisation: "0..1" });
  const reason = 'Layer "leak" is a LeakyReLU, which is not written as ONNX';
  expect(planExport(made.taken, files).withoutOnnx).toContain(reason);
  const out = unzipSync(await exportModel(made.taken, files));
  expect(Object.keys(out)).not.toContain("model.onnx");
  expect(card(out)).toContain(reason);
  expect(card(out)).not.toContain("onnxruntime");
  const image = tf.tensor4d(made.pixels, [2, 8, 8, 3]);
  expect(farthest(await inPlainTfjs(out, [image]), made.told)).toBeLessThan(close);
});

it("refuses to go without the backbone's files, and a weight of the head's name", async () => {
  const folder = await folderOf(smallModel());
  const files = await opened(folder);
  const { taken } = await trained(files, "backbone-linear", { normalisation: "0..1" });
  await expect(exportModel(taken)).rejects.toThrow(/give the backbone's files/);
  const json = jsonOf(folder);
  const renamed = JSON.stringify(json).replaceAll("second", "image_logits");
  const same = await opened({ ...folder, "model.json": asBytes(JSON.parse(renamed)) });
  await expect(exportModel(taken, same)).rejects.toThrow(
    /both have a weight "image_logits\/kernel"/,
  );
});
