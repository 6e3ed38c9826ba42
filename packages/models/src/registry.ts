import { type ClientModality, type Modality, modalitiesOf } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import type { ClientModel, ClientTask, ModelInput } from "@tandem/core/model";
import type * as tf from "@tensorflow/tfjs-core";
import { imageEncoders, type MakeEncoder, textEncoders } from "./encoders";
import { dense, unitRows } from "./layers";
import { createVariables } from "./variables";

type Architecture = {
  readonly name: string;
  readonly modality: ClientModality;
  readonly title: string;
  readonly encoders: Readonly<Partial<Record<Modality, MakeEncoder>>>;
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

/** Throws `not-found` with the names that exist. */
export function architectureNamed(architecture: string): Architecture {
  const found = architectures.find(({ name }) => name === architecture);
  if (found) return found;
  const known = architectures.map(({ name }) => name).join(", ");
  throw new TandemError(
    "not-found",
    `There is no architecture "${architecture}": use one of ${known}.`,
  );
}

/** A new model with weights from the seed; throws `not-found` with the names that exist. */
export function createModel(options: {
  readonly architecture: string;
  readonly classes: number;
  readonly dimension?: number;
  readonly vocabularySize: number;
  readonly imageSize: number;
  readonly seed: number;
  readonly task?: ClientTask;
}): ClientModel {
  const { classes, dimension = 64 } = options;
  const found = architectureNamed(options.architecture);
  const variables = createVariables(options.seed);
  const branches = modalitiesOf(found.modality).map((modality) => {
    const make = found.encoders[modality];
    if (!make) throw new Error(`${found.name} has no ${modality} encoder`);
    const { encode, width } = make(variables, options);
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
    variables: variables.all,
    forward(input: ModelInput) {
      const z: Partial<Record<Modality, tf.Tensor2D>> = {};
      const logits: Partial<Record<Modality, tf.Tensor2D>> = {};
      for (const { modality, encode, project, head } of branches) {
        const x = modality === "image" ? input.image : input.tokens;
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
