import { TandemError } from "@tandem/core/errors";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import type { ReadFile } from "../files";
import { disposeWeights } from "../layers-model";

/** Files of a model by their paths. */
export type Folder = Readonly<Record<string, Uint8Array>>;
// biome-ignore lint/suspicious/noExplicitAny: tests change what they like of a model.json
export type ModelJson = any;

export const asBytes = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
export const jsonOf = (folder: Folder): ModelJson =>
  JSON.parse(new TextDecoder().decode(folder["model.json"]));

/** As an HTTP reader does, it refuses what is larger than was asked for. */
export const reader =
  (folder: Folder): ReadFile =>
  async (path, most) => {
    const file = folder[path];
    if (!file) throw new TandemError("unavailable", `${path} answers 404.`);
    if (file.length > most) throw new TandemError("too-large", `${path} is larger than ${most}`);
    return file;
  };

/** The model's files; the model is disposed of. */
export async function folderOf(model: tfl.LayersModel): Promise<Folder> {
  let artifacts: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (saved) => {
      artifacts = saved;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
    }),
  );
  disposeWeights(model);
  const { modelTopology, weightSpecs, weightData } = artifacts ?? {};
  return {
    "model.json": asBytes({
      format: "layers-model",
      modelTopology,
      weightsManifest: [{ paths: ["weights.bin"], weights: weightSpecs }],
    }),
    "weights.bin": new Uint8Array(weightData as ArrayBuffer),
  };
}

/** Two convolutions and their mean over the picture: 6 features of 8 x 8 pixels, or of any size. */
export function smallModel(size: number | null = 8, channels = 3): tfl.LayersModel {
  const model = tfl.sequential({ name: "small" });
  const convolution = (name: string, filters: number) =>
    tfl.layers.conv2d({
      name,
      filters,
      kernelSize: 3,
      padding: "same",
      activation: "relu",
      kernelInitializer: tfl.initializers.glorotUniform({ seed: filters }),
      ...(name === "first" && { inputShape: [size, size, channels] }),
    });
  model.add(convolution("first", 4));
  model.add(convolution("second", 6));
  model.add(tfl.layers.globalAveragePooling2d({ name: "mean" }));
  return model;
}

/** As small, with what pictures' models have most of: 6 features of 8 x 8 pixels, 150 numbers trained. */
export function trainableModel(): tfl.LayersModel {
  const model = tfl.sequential({ name: "trainable" });
  const kernelInitializer = () => tfl.initializers.glorotUniform({ seed: 3 });
  const conv = { filters: 4, kernelSize: 3, strides: 2, inputShape: [8, 8, 3] };
  model.add(tfl.layers.conv2d({ name: "conv", ...conv, kernelInitializer: kernelInitializer() }));
  model.add(tfl.layers.batchNormalization({ name: "norm" }));
  model.add(tfl.layers.reLU({ name: "relu" }));
  model.add(tfl.layers.globalAveragePooling2d({ name: "mean" }));
  model.add(tfl.layers.dense({ name: "dense", units: 6, kernelInitializer: kernelInitializer() }));
  return model;
}

const text = (value: string) => ({ s: Buffer.from(value).toString("base64") });
const type = { type: "DT_FLOAT" };

/** The same as a frozen graph, with the weights of a folder of `smallModel`. */
export function graphOf(folder: Folder): Folder {
  const { weightsManifest } = jsonOf(folder);
  const [{ weights }] = weightsManifest;
  const constant = ({ name, shape }: tf.io.WeightsManifestEntry) => ({
    name,
    op: "Const",
    attr: { dtype: type, value: { tensor: { dtype: "DT_FLOAT", tensorShape: dims(shape) } } },
  });
  const convolution = (name: string, input: string) => [
    {
      name: `${name}/conv`,
      op: "Conv2D",
      input: [input, `${name}/kernel`],
      attr: {
        T: type,
        strides: { list: { i: ["1", "1", "1", "1"] } },
        dilations: { list: { i: ["1", "1", "1", "1"] } },
        padding: text("SAME"),
        data_format: text("NHWC"),
      },
    },
    {
      name: `${name}/add`,
      op: "BiasAdd",
      input: [`${name}/conv`, `${name}/bias`],
      attr: { T: type, data_format: text("NHWC") },
    },
    { name: `${name}/relu`, op: "Relu", input: [`${name}/add`], attr: { T: type } },
  ];
  const node = [
    {
      name: "input",
      op: "Placeholder",
      attr: { dtype: type, shape: { shape: dims([-1, 8, 8, 3]) } },
    },
    ...weights.map(constant),
    ...convolution("first", "input"),
    ...convolution("second", "first/relu"),
    { name: "output", op: "Identity", input: ["second/relu"], attr: { T: type } },
  ];
  return {
    ...folder,
    "model.json": asBytes({
      format: "graph-model",
      modelTopology: { node, library: {}, versions: {} },
      weightsManifest,
    }),
  };
}

const dims = (shape: readonly number[]) => ({ dim: shape.map((size) => ({ size: `${size}` })) });
