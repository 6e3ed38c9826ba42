import { type ClientModality, type Modality, modalitiesOf } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import {
  type ClientModel,
  type ClientTask,
  encoderArchitectures,
  type ModelInput,
} from "@tandem/core/model";
import type * as tf from "@tensorflow/tfjs-core";
import { featureEncoders, imageEncoders, type MakeEncoder, textEncoders } from "./encoders";
import { dense, unitRows } from "./layers";
import { createVariables } from "./variables";

type Architecture = {
  readonly name: string;
  readonly modality: ClientModality;
  readonly title: string;
  readonly encoders: Readonly<Partial<Record<Modality, MakeEncoder>>>;
  /** What it reads in place of pixels, or reads them with, which the task has to bring. */
  readonly needs?: "features" | "encoder";
};

const { "cnn-small": small, "cnn-wide": wide, "mlp-image": mlp } = imageEncoders;
const { "cnn-depthwise": depthwise, vit } = imageEncoders;
const { bag, gru, transformer } = textEncoders;

export const architectures: readonly Architecture[] = [
  { name: "cnn-small", modality: "image", title: "CNN 16-32-64", encoders: { image: small } },
  { name: "cnn-wide", modality: "image", title: "CNN 24-48-96", encoders: { image: wide } },
  { name: "mlp-image", modality: "image", title: "MLP 128-64", encoders: { image: mlp } },
  {
    name: "cnn-depthwise",
    modality: "image",
    title: "Depthwise-separable CNN 16-32-64-64",
    encoders: { image: depthwise },
  },
  {
    name: "vit",
    modality: "image",
    title: "Vision transformer, 2 layers, 2 heads",
    encoders: { image: vit },
  },
  { name: "bag", modality: "text", title: "Bag of embeddings", encoders: { text: bag } },
  { name: "gru", modality: "text", title: "GRU 64", encoders: { text: gru } },
  {
    name: "transformer",
    modality: "text",
    title: "Transformer, 1 layer",
    encoders: { text: transformer },
  },
  {
    name: "dual-cnn-bag",
    modality: "image-text",
    title: "CNN 16-32-64 and bag",
    encoders: { image: small, text: bag },
  },
  {
    name: "dual-mlp-bag",
    modality: "image-text",
    title: "MLP and bag",
    encoders: { image: mlp, text: bag },
  },
  {
    name: "dual-cnn-gru",
    modality: "image-text",
    title: "CNN 16-32-64 and GRU",
    encoders: { image: small, text: gru },
  },
  {
    name: "dual-depthwise-bag",
    modality: "image-text",
    title: "Depthwise-separable CNN and bag",
    encoders: { image: depthwise, text: bag },
  },
  {
    name: "dual-vit-transformer",
    modality: "image-text",
    title: "Vision transformer and transformer",
    encoders: { image: vit, text: transformer },
  },
];

function among(known: readonly Architecture[], wanted: string): Architecture {
  const found = known.find(({ name }) => name === wanted);
  if (found) return found;
  throw new TandemError(
    "not-found",
    `There is no architecture "${wanted}": use one of ${known.map(({ name }) => name).join(", ")}.`,
  );
}

const { linear, perceptron } = featureEncoders;
const own: MakeEncoder = (v, options) => {
  if (!options.encoder) throw new Error("there is no encoder of one's own");
  return options.encoder(v, options);
};

/** What trains on the features of a task's backbone, or trains a model that somebody brings. */
export const broughtArchitectures: readonly Architecture[] = [
  {
    name: "backbone-linear",
    modality: "image",
    title: "Backbone and linear head",
    encoders: { image: linear },
    needs: "features",
  },
  {
    name: "backbone-mlp",
    modality: "image",
    title: "Backbone and MLP 128",
    encoders: { image: perceptron },
    needs: "features",
  },
  {
    name: "dual-backbone-bag",
    modality: "image-text",
    title: "Backbone with MLP 128, and bag",
    encoders: { image: perceptron, text: bag },
    needs: "features",
  },
  {
    name: encoderArchitectures.image,
    modality: "image",
    title: "A LayersModel of one's own",
    encoders: { image: own },
    needs: "encoder",
  },
  {
    name: encoderArchitectures["image-text"],
    modality: "image-text",
    title: "A LayersModel of one's own, and bag",
    encoders: { image: own, text: bag },
    needs: "encoder",
  },
];

/** Throws `not-found` with the names that exist. */
export const architectureNamed = (architecture: string): Architecture =>
  among([...architectures, ...broughtArchitectures], architecture);

export type ModelOptions = {
  readonly architecture: string;
  readonly classes: number;
  readonly dimension?: number;
  readonly vocabularySize: number;
  readonly imageSize: number;
  /** Of the task's backbone: how many features it makes of a picture. */
  readonly featureSize?: number;
  /** An own model's, of `layersEncoder`. */
  readonly encoder?: MakeEncoder;
  readonly seed: number;
  readonly task?: ClientTask;
};

/** Throws `not-found` with the names that exist, `bad-config` where what it needs is not there. */
function architectureOf(options: ModelOptions): Architecture {
  const found = architectureNamed(options.architecture);
  const { needs } = found;
  const isThere = needs === "features" ? options.featureSize : needs && options.encoder;
  if (needs && !isThere)
    throw new TandemError(
      "bad-config",
      `${found.name} needs ${needs === "features" ? "a backbone" : "a model of one's own"}, and the task has none: use another architecture.`,
    );
  return found;
}

/** A new model with weights from the seed; throws what `architectureOf` does. */
export function createModel(options: ModelOptions): ClientModel {
  const { classes, dimension = 64, featureSize = 0 } = options;
  const found = architectureOf(options);
  const readsFeatures = found.needs === "features";
  const variables = createVariables(options.seed);
  const branches = modalitiesOf(found.modality).map((modality) => {
    const make = found.encoders[modality];
    if (!make) throw new Error(`${found.name} has no ${modality} encoder`);
    const { encode, width } = make(variables, { ...options, featureSize });
    const project = dense(variables, `${modality}.projector`, {
      inputs: width,
      outputs: dimension,
    });
    const head = dense(variables, `${modality}.head`, { inputs: width, outputs: classes });
    return { modality, encode, project, head };
  });
  const task = found.modality === "image-text" ? (options.task ?? "classification") : undefined;
  // Radford et al., arXiv 2103.00020, start there as well.
  if (task && task !== "classification")
    variables.fill("retrieval.logTemperature", [1], Math.log(0.07));
  return {
    architecture: found.name,
    modality: found.modality,
    task: task ?? "classification",
    classes,
    dimension,
    ...(readsFeatures && { featureSize }),
    variables: variables.all,
    forward(input: ModelInput) {
      const z: Partial<Record<Modality, tf.Tensor2D>> = {};
      const logits: Partial<Record<Modality, tf.Tensor2D>> = {};
      for (const { modality, encode, project, head } of branches) {
        const picture = readsFeatures ? input.features : input.image;
        const x = modality === "image" ? picture : input.tokens;
        if (!x) continue;
        const features = encode(x); // (B, width)
        z[modality] = unitRows(project(features));
        logits[modality] = head(features) as tf.Tensor2D;
      }
      return { z, logits };
    },
    weights: variables.weights,
    load: variables.load,
    dispose: variables.dispose,
  };
}
