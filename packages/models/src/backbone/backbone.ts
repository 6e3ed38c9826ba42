import { messageOf, TandemError } from "@tandem/core/errors";
import type { BackboneReference, Normalisation } from "@tandem/core/task";
import * as tf from "@tensorflow/tfjs-core";
import { type BackboneFiles, refused } from "./files";
import { buildGraphModel } from "./graph-model";
import { buildLayersModel, cutAt, disposeWeights, inputOf } from "./layers-model";
import { asPinned, type OpenOptions, pinnedFiles } from "./pinned";
import {
  inputSize,
  type ModelInputShape,
  normalised,
  pooled,
  scaled,
  testPictures,
} from "./shapes";

export type BackboneFacts = {
  readonly format: BackboneFiles["format"];
  /** Height and width that it is fed, pixels. */
  readonly size: number;
  /** Numbers that it makes of a picture. */
  readonly features: number;
  /** Of all weights as floats, those behind the feature layer included. */
  readonly bytes: number;
  /** Or nodes of a graph. */
  readonly layers: number;
  readonly sha256: string;
};

/** A frozen model that has been checked. */
export type Backbone = BackboneFacts & {
  /** Bytes as floats (B, h, w, 3) to (B, features). Call inside `tf.tidy`. */
  readonly run: (images: tf.Tensor4D) => tf.Tensor2D;
  readonly dispose: () => void;
};

export type BackboneOptions = {
  /** Whose output the features are; absent: the model's. */
  readonly layer?: string | undefined;
  readonly normalisation: Normalisation;
  /** Pixels a side, where the model leaves it open. */
  readonly size?: number | undefined;
  /** The same for whoever does not know whether the model leaves it open; 224 by default. */
  readonly openSize?: number | undefined;
  /**
   * What another, trusted backend computes: the present one is compared with it. Must not wait between
   * its start and the result of `compute`.
   */
  readonly reference?: ((compute: () => tf.Tensor) => Promise<Float32Array>) | undefined;
};

/** Builds and checks it on the present backend. Throws `bad-data` or `too-large`, naming the layer. */
export async function loadBackbone(
  files: BackboneFiles,
  options: BackboneOptions,
): Promise<Backbone> {
  const built = await build(files, options);
  try {
    const size = inputSize(built.input, options.size, options.openSize);
    const run = (images: tf.Tensor4D) =>
      pooled(built.run(normalised(scaled(images, size), options.normalisation)), images.shape[0]);
    const features = await tryOut(run, size, options.reference);
    const { format, bytes, sha256 } = files;
    return {
      format,
      size,
      features,
      bytes,
      layers: built.layers,
      sha256,
      run,
      dispose: built.dispose,
    };
  } catch (error) {
    built.dispose();
    throw error instanceof TandemError ? error : refused(`it fails: ${messageOf(error)}`);
  }
}

/** As a task pins it; throws `corrupt` where files, size or features are others. */
export async function openBackbone(
  reference: BackboneReference,
  options: OpenOptions & Pick<BackboneOptions, "reference">,
): Promise<Backbone> {
  const files = await pinnedFiles(reference, options);
  const made = await loadBackbone(files, { ...reference, reference: options.reference });
  return asPinned(made, reference);
}

type BuiltBackbone = {
  readonly input: ModelInputShape;
  readonly layers: number;
  readonly run: (images: tf.Tensor) => tf.Tensor;
  readonly dispose: () => void;
};

async function build(files: BackboneFiles, { layer }: BackboneOptions): Promise<BuiltBackbone> {
  if (files.format === "graph") {
    const { model, nodes, ...graph } = buildGraphModel(files, layer);
    return { ...graph, layers: nodes, dispose: () => model.dispose() };
  }
  const { model, layers } = await buildLayersModel(files);
  const dispose = () => disposeWeights(model);
  try {
    const cut = cutAt(model, layer);
    return {
      input: inputOf(cut),
      layers,
      run: (images) => cut.apply(images, { training: false }) as tf.Tensor,
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

const tolerance = 0.02;

/** How many features it makes; throws unless they are finite, differ, and are the reference's. */
export async function tryOut(
  run: Backbone["run"],
  size: number,
  reference: BackboneOptions["reference"],
): Promise<number> {
  const output = tf.tidy(() => run(testPictures(size)));
  const [rows, features] = output.shape;
  const values = (await output.data()) as Float32Array;
  output.dispose();
  if (!values.every(Number.isFinite))
    throw refused(
      "it makes features that are not finite: check its weights, and that the normalisation is the one it was trained with.",
    );
  const differs = values.some((value, i) => value !== values[i % features]);
  if (rows > 1 && !differs)
    throw refused("it makes the same features of different pictures: check its weights.");
  const first = () => tf.tidy(() => run(tf.slice(testPictures(size), 0, 1)));
  const right = await reference?.(first);
  const scale = Math.max(...values.map(Math.abs));
  const error = right
    ? Math.max(...right.map((value, i) => Math.abs(value - values[i]))) / scale
    : 0;
  if (!(error <= tolerance))
    throw new TandemError(
      "wrong-backend",
      `model: ${tf.getBackend()} is off by ${(100 * error).toFixed(1)} % of its features: choose another backend (wasm) in this tab.`,
    );
  return features;
}
