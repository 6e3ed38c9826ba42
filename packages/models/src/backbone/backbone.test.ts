import { u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import { onCpu } from "@tandem/engine/reference";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type BackboneOptions, loadBackbone } from "./backbone";
import { featuresOf } from "./features";
import { readBackbone } from "./files";
import { mobileNet, mobileNetFiles } from "./mobile-net";
import {
  asBytes,
  type Folder,
  folderOf,
  graphOf,
  jsonOf,
  type ModelJson,
  reader,
  smallModel,
} from "./testing/folders";

let small: Folder;
let tensors = 0;

beforeAll(async () => {
  await startNodeEngine();
  small = await folderOf(smallModel());
});
beforeEach(() => {
  tensors = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(tensors);
});

const pictures = u8(
  [3, 8, 8, 3],
  Array.from({ length: 3 * 192 }, (_, i) => (i * 89 + Math.floor(i / 192) * 31) % 256),
);

async function load(folder: Folder, options: Partial<BackboneOptions> = {}) {
  const files = await readBackbone(reader(folder));
  return loadBackbone(files, { normalisation: "0..1", ...options });
}

async function featuresBy(folder: Folder, options: Partial<BackboneOptions> = {}) {
  const backbone = await load(folder, options);
  const features = await featuresOf(backbone, pictures);
  backbone.dispose();
  return features;
}

it("MobileNetV2 of nsfwjs gives 1,280 features, on wasm what it gives on cpu", async () => {
  const folder = await mobileNetFiles();
  const { size, ...facts } = await load(folder, { ...mobileNet, reference: onCpu });
  expect({ size, ...facts }).toMatchObject({
    format: "layers",
    size: 224,
    features: 1280,
    layers: 162,
  });
  const features = await featuresOf(facts, pictures);
  expect(features.shape).toEqual([3, 1280]);
  expect(features.data.filter((value) => value > 0).length).toBeGreaterThan(500);
  facts.dispose();
});

it("the output of a map of features is their mean, from a named layer as from the last", async () => {
  const whole = await featuresBy(small);
  expect(whole.shape).toEqual([3, 6]);
  const map = await featuresBy(small, { layer: "second" });
  map.data.forEach((value, i) => {
    expect(value).toBeCloseTo(whole.data[i], 5);
  });
});

it("a graph gives what the layers give, from its output as from a named node", async () => {
  const whole = await featuresBy(small);
  for (const layer of [undefined, "second/relu"]) {
    const graph = await featuresBy(graphOf(small), { layer });
    expect(graph.shape).toEqual([3, 6]);
    graph.data.forEach((value, i) => {
      expect(value).toBeCloseTo(whole.data[i], 5);
    });
  }
});

it("a model within another can be the feature layer", async () => {
  const inner = smallModel();
  const model = tfl.sequential();
  model.add(inner);
  model.add(tfl.layers.dense({ units: 3, activation: "softmax" }));
  const name = inner.name;
  const nested = await featuresBy(await folderOf(model), { layer: name });
  expect(nested.data).toEqual((await featuresBy(small)).data);
});

it("where the model leaves the size open, the task says it; pictures are scaled to it", async () => {
  const open = await folderOf(smallModel(null));
  const backbone = await load(open, { size: 16 });
  expect(backbone.size).toBe(16);
  expect((await featuresOf(backbone, pictures)).shape).toEqual([3, 6]);
  backbone.dispose();
  await expect(load(open, { size: 225 })).rejects.toThrow(/225 pixels a side: 8 to 224/);
  await expect(load(small, { size: 16 })).rejects.toThrow(/8 pixels a side, not 16/);
});

it("pixels are fed as the normalisation says", async () => {
  const model = tfl.sequential();
  model.add(tfl.layers.globalAveragePooling2d({ inputShape: [8, 8, 3] }));
  const mean = await folderOf(model);
  const white = u8([1, 8, 8, 3], new Uint8Array(192).fill(255));
  const fed = {
    "0..255": [255, 255, 255],
    "0..1": [1, 1, 1],
    "-1..1": [1, 1, 1],
    imagenet: [(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225],
  };
  for (const [normalisation, values] of Object.entries(fed)) {
    const backbone = await load(mean, { normalisation: normalisation as keyof typeof fed });
    const { data } = await featuresOf(backbone, white);
    data.forEach((value, i) => {
      expect(value).toBeCloseTo(values[i], 4);
    });
    backbone.dispose();
  }
});

it("is refused where another backend computes something else", async () => {
  const reference = async (compute: () => tf.Tensor) => (await onCpu(compute)).map((v) => 1.1 * v);
  await expect(load(small, { reference })).rejects.toThrow(/wasm is off by \d+\.\d % .* choose/);
});

const changed = (folder: Folder, change: (json: ModelJson) => void): Folder => {
  const json = jsonOf(folder);
  change(json);
  return { ...folder, "model.json": asBytes(json) };
};
const layersOf = (json: ModelJson) =>
  (json.modelTopology.model_config ?? json.modelTopology).config.layers;
const specsOf = (json: ModelJson) => json.weightsManifest[0].weights;
const within = (change: (json: ModelJson) => void) => () => changed(small, change);
const graphWithin = (change: (json: ModelJson) => void) => () => changed(graphOf(small), change);
const nan = () => {
  const weights = small["weights.bin"].slice();
  new DataView(weights.buffer).setFloat32(8, Number.NaN, true);
  return { ...small, "weights.bin": weights };
};
const shapeOfInput = (shape: readonly (number | null)[]) => (json: ModelJson) => {
  for (const { config } of layersOf(json))
    if (config.batch_input_shape) config.batch_input_shape = shape;
};
const twoOutputs = () => {
  const input = tfl.input({ shape: [8, 8, 3] });
  const outputs = ["a", "b"].map((name) =>
    tfl.layers.conv2d({ name, filters: 2, kernelSize: 3 }).apply(input),
  );
  return folderOf(tfl.model({ inputs: input, outputs: outputs as tfl.SymbolicTensor[] }));
};
const inCircles = () =>
  twoOutputs().then((folder) =>
    changed(folder, (json) => {
      const layers = layersOf(json);
      layers.at(-1).inbound_nodes = [[["nowhere", 0, 0, {}]]];
    }),
  );
const volumes = () => {
  const model = tfl.sequential();
  model.add(tfl.layers.reshape({ targetShape: [64, 3], inputShape: [8, 8, 3] }));
  return folderOf(model);
};

it.each<[string, () => Folder | Promise<Folder>, RegExp, string?]>([
  [
    "a layer of someone's own",
    within((json) => {
      layersOf(json)[1].class_name = "Attention9";
    }),
    /layer "second" is a Attention9, which tfjs does not have/,
  ],
  [
    "a layer that waits for ever",
    inCircles,
    /layer "b" of .* waits for an input that no layer makes/,
  ],
  [
    "grey pictures",
    () => folderOf(smallModel(8, 1)),
    /input is \[any,8,8,1\].*square colour pictures/,
  ],
  ["wide pictures", within(shapeOfInput([null, 8, 16, 3])), /input is \[any,8,16,3\]/],
  [
    "one picture at a time",
    within(shapeOfInput([1, 8, 8, 3])),
    /input is \[1,8,8,3\].*free batch size/,
  ],
  ["large pictures", within(shapeOfInput([null, 256, 256, 3])), /256 pixels a side: 8 to 224/],
  ["two outputs", twoOutputs, /has 2 outputs \(a.*b.*\).*name the layer/],
  ["an output of neither kind", volumes, /output is \[any,64,3\].*name an earlier layer/],
  ["weights that are not finite", nan, /features that are not finite/],
  [
    "weights that are all zero",
    () => ({ ...small, "weights.bin": new Uint8Array(small["weights.bin"].length) }),
    /the same features of different pictures/,
  ],
  [
    "weights cut short",
    () => ({ ...small, "weights.bin": small["weights.bin"].subarray(8) }),
    /weights.bin: 8 bytes of weights are missing/,
  ],
  [
    "weights too long",
    () => ({ ...small, "weights.bin": new Uint8Array(small["weights.bin"].length + 1) }),
    /weights.bin is larger/,
  ],
  ["no weights file", () => ({ "model.json": small["model.json"] }), /weights.bin answers 404/],
  [
    "more weights than may be",
    within((json) => {
      specsOf(json)[0].shape = [3, 3, 3, 2 ** 20];
    }),
    /its weights are 108 MiB, more than 64/,
  ],
  [
    "a layer larger than its weights",
    within((json) => {
      layersOf(json)[0].config.filters = 2 ** 24;
    }),
    /layer "first" asks for a kernel of \[3,3,3,16777216\]/,
  ],
  [
    "a weight under another name",
    within((json) => {
      specsOf(json)[0].name = "third/kernel";
    }),
    /third\/kernel/,
  ],
  [
    "a weight of text",
    within((json) => {
      specsOf(json)[0].dtype = "string";
    }),
    /weight "first\/kernel" is string/,
  ],
  [
    "a negative weight",
    within((json) => {
      specsOf(json)[0].shape = [-1, 3];
    }),
    /"first\/kernel" has no shape/,
  ],
  [
    "weights elsewhere",
    within((json) => {
      json.weightsManifest[0].paths = ["../../secret"];
    }),
    /weights at "..\/..\/secret": they have to lie beside/,
  ],
  [
    "weights on another site",
    within((json) => {
      json.weightsManifest[0].paths = ["https://x.org/w"];
    }),
    /they have to lie beside/,
  ],
  [
    "neither format",
    within((json) => {
      json.modelTopology = {};
      json.format = "x";
    }),
    /format "x" is neither/,
  ],
  ["no JSON", () => ({ "model.json": new Uint8Array([1, 2]) }), /model.json is not JSON/],
  ["no such layer", () => small, /no layer "third": its last are .*second, mean/, "third"],
  [
    "a graph with an unknown operation",
    graphWithin((json) => {
      json.modelTopology.node.at(-2).op = "QuantumRelu";
    }),
    /node "second\/relu" is a QuantumRelu, which tfjs does not have/,
  ],
  [
    "a graph without such a node",
    () => graphOf(small),
    /no node "third": its last are .*output/,
    "third",
  ],
  [
    "a graph of two outputs",
    graphWithin((json) => {
      json.modelTopology.node.push({
        name: "more",
        op: "Identity",
        input: ["first/relu"],
        attr: {},
      });
    }),
    /has 2 outputs \(output, more\)/,
  ],
  [
    "a graph of whole numbers",
    graphWithin((json) => {
      json.modelTopology.node[0].attr.dtype = { type: "DT_INT32" };
    }),
    /of int32, not/,
  ],
])("refuses %s, with the way out", async (_, folder, message, layer) => {
  await expect(load(await folder(), { layer })).rejects.toMatchObject({
    name: "TandemError",
    message: expect.stringMatching(message),
  });
});
