import { messageOf, TandemError } from "@tandem/core/errors";
import type { EncoderReference, Normalisation } from "@tandem/core/task";
import * as tf from "@tensorflow/tfjs-core";
import type * as tfl from "@tensorflow/tfjs-layers";
import type { MakeEncoder } from "../encoders";
import { releaseTape } from "../thrift";
import type { Variables } from "../variables";
import { type BackboneOptions, tryOut } from "./backbone";
import { type BackboneFiles, givenFiles, refused } from "./files";
import { buildLayersModel, cutAt, disposeWeights, inputOf } from "./layers-model";
import { asPinned, type OpenOptions, pinnedFiles, readPinned } from "./pinned";
import { inputSize, normalised, pooled, scaled, testPictures } from "./shapes";

/** Somebody's own LayersModel, to be trained: `make` is `createModel`'s encoder. */
export type LayersEncoder = {
  readonly make: MakeEncoder;
  /** Up to the layer whose output its features are, with the weights of the files. */
  readonly source: {
    readonly model: tfl.LayersModel;
    readonly normalisation: Normalisation;
    readonly size: number;
  };
  /** Height and width that it is fed, pixels. */
  readonly size: number;
  /** Numbers that it makes of a picture. */
  readonly features: number;
  /** Numbers that are trained. */
  readonly parameters: number;
  readonly dispose: () => void;
};

/** As a task pins it; throws `corrupt` where files or numbers are others, and what `layersEncoder` does. */
export async function openEncoder(
  reference: EncoderReference,
  options: OpenOptions & Pick<BackboneOptions, "reference">,
): Promise<LayersEncoder> {
  const files = await pinnedFiles(reference, options);
  const made = await layersEncoder(files, { ...reference, reference: options.reference });
  return asPinned(made, reference);
}

/** As it has been checked before, from files that are at hand; throws what `openEncoder` does. */
export async function openBroughtEncoder(
  own: {
    /** By their paths. */
    readonly files: Readonly<Record<string, Uint8Array>>;
    readonly manifest: string;
    readonly pinned: Omit<EncoderReference, "url">;
  },
  options: Pick<BackboneOptions, "reference">,
): Promise<LayersEncoder> {
  const { files, manifest, pinned } = own;
  const reference = { ...pinned, url: manifest };
  const read = await readPinned(givenFiles(files), reference, manifest);
  return asPinned(await layersEncoder(read, { ...pinned, ...options }), reference);
}

/**
 * Each model that is made has weights of its own, which start as in the files. Layers that are not
 * trainable, moving means and variances stay so; dropout is left out. Throws `bad-data`, and
 * `wrong-backend` naming the layer that has no gradient on the present backend.
 */
export async function layersEncoder(
  files: BackboneFiles,
  options: BackboneOptions,
): Promise<LayersEncoder> {
  if (files.format !== "layers")
    throw refused(
      "a graph model is frozen and cannot be trained: save the Keras model as a layers model.",
    );
  const { model } = await buildLayersModel(files);
  try {
    const cut = cutAt(model, options.layer);
    const size = inputSize(inputOf(cut), options.size, options.openSize);
    const run = (of: tfl.LayersModel, images: tf.Tensor4D) => {
      const fed = normalised(scaled(images, size), options.normalisation);
      return pooled(of.apply(fed, { training: false }) as tf.Tensor, images.shape[0]);
    };
    const features = await tryOut((images) => run(cut, images), size, options.reference);
    await checkGradients(cut, (of) =>
      tf.tidy(() => tf.mean(tf.square(run(of, testPictures(size))))),
    );
    return {
      make(v) {
        const own = copied(cut);
        adopt(v, own);
        const encode = (x: tf.Tensor) => run(own, tf.mul(x, 255) as tf.Tensor4D);
        return { encode, width: features };
      },
      source: { model: cut, normalisation: options.normalisation, size },
      size,
      features,
      parameters: cut.trainableWeights.reduce((sum, weight) => sum + variableOf(weight).size, 0),
      dispose: () => disposeWeights(model),
    };
  } catch (error) {
    disposeWeights(model);
    throw error instanceof TandemError ? error : refused(`it fails: ${messageOf(error)}`);
  }
}

/** A weight's variable, which its layers read: what changes that trains them. */
export const variableOf = (weight: tfl.LayerVariable) =>
  (weight as unknown as { readonly val: tf.Variable }).val;

/** One with weights of its own. */
export function copied(model: tfl.LayersModel): tfl.LayersModel {
  const type =
    model.constructor as unknown as tf.serialization.SerializableConstructor<tfl.LayersModel> & {
      fromConfig(type: unknown, config: tf.serialization.ConfigDict): tfl.LayersModel;
    };
  const copy = type.fromConfig(type, model.getConfig());
  // Weights are in the order of the layers, which is the same in both.
  for (const [i, weight] of copy.weights.entries())
    variableOf(weight).assign(variableOf(model.weights[i]));
  return copy;
}

/** The model's weights become the client model's. */
function adopt(v: Variables, model: tfl.LayersModel): void {
  const names = trainedNames(model);
  for (const weight of model.weights) {
    const name = names.get(weight);
    if (name === undefined) v.keep(variableOf(weight));
    else v.adopt(name, variableOf(weight));
  }
}

/** Of the weights that are trained, by those in the files: as a server takes them, and none twice. */
export function trainedNames(model: tfl.LayersModel): ReadonlyMap<tfl.LayerVariable, string> {
  const names = new Map<tfl.LayerVariable, string>();
  const taken = new Set<string>();
  for (const weight of model.trainableWeights) {
    const plain = `image.own.${weight.originalName.replaceAll("/", ".").slice(-160)}`;
    let name = plain;
    for (let i = 2; taken.has(name); i++) name = `${plain}_${i}`;
    taken.add(name);
    names.set(weight, name);
  }
  return names;
}

type Loss = (of: tfl.LayersModel) => tf.Scalar;

async function checkGradients(model: tfl.LayersModel, loss: Loss): Promise<void> {
  const weights = model.trainableWeights;
  if (weights.length === 0)
    throw refused(
      "none of its layers is trainable: use it as a backbone, or set `trainable` before saving it.",
    );
  const variables = weights.map(variableOf);
  let grads: Readonly<Record<string, tf.Tensor>>;
  try {
    const found = tf.tidy(() => tf.variableGrads(() => loss(model), variables));
    grads = found.grads;
    found.value.dispose();
  } catch (error) {
    releaseTape();
    throw new TandemError(
      "wrong-backend",
      `model: ${layerThatBreaks(model)} has no gradient on ${tf.getBackend()} (${messageOf(error)}): replace it, set its and all earlier layers' \`trainable\` to false, or choose another backend.`,
    );
  }
  for (const weight of weights) {
    const gradient = grads[variableOf(weight).name];
    const values = gradient && (await gradient.data());
    if (values?.every(Number.isFinite)) continue;
    tf.dispose(grads);
    throw refused(
      `the gradient of layer "${layerOf(weight)}" ${values ? "is not finite" : "is missing: the output does not depend on it"}: take it out, or set its \`trainable\` to false.`,
    );
  }
  tf.dispose(grads);
}

const layerOf = ({ originalName }: tfl.LayerVariable) =>
  originalName.split("/").slice(0, -1).join("/");

/** The first layer at which the model can be cut and has a gradient no longer. */
function layerThatBreaks(model: tfl.LayersModel): string {
  for (const { name } of model.layers.slice(1)) {
    const part = attempt(() => cutAt(model, name));
    const variables = part?.trainableWeights.map(variableOf);
    if (!part || !variables?.length) continue;
    const cost = () => {
      const input = tf.zeros([1, ...(model.inputs[0].shape.slice(1) as number[])]);
      return tf.sum(part.apply(input) as tf.Tensor) as tf.Scalar;
    };
    const found = attempt(() => tf.tidy(() => tf.variableGrads(cost, variables)) && true);
    if (found) continue;
    releaseTape();
    return `layer "${name}"`;
  }
  return "one of its layers";
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
