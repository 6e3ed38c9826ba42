import { messageOf, TandemError, unreachable } from "@tandem/core/errors";
import type { BackboneReference, Normalisation } from "@tandem/core/task";
import * as tf from "@tensorflow/tfjs-core";
import { type BackboneFiles, readBackbone, refused } from "./files";
import { buildGraphModel } from "./graph-model";
import { httpFiles } from "./http-files";
import { buildLayersModel, cutAt, shapesOf } from "./layers-model";

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
  /** Pixels a side, where the model leaves it open; 224 by default. */
  readonly size?: number | undefined;
  /**
   * What another, trusted backend computes: the present one is compared with it. Must not wait between
   * its start and the result of `compute`.
   */
  readonly reference?: ((compute: () => tf.Tensor) => Promise<Float32Array>) | undefined;
};

export const largest = { size: 224, features: 4096 } as const;

/** Builds and checks it on the present backend. Throws `bad-data` or `too-large`, naming the layer. */
export async function loadBackbone(
  files: BackboneFiles,
  options: BackboneOptions,
): Promise<Backbone> {
  const built = await build(files, options);
  try {
    const size = sizeOf(built.input, options);
    const run = (images: tf.Tensor4D) => {
      const scaled =
        images.shape[1] === size && images.shape[2] === size
          ? images
          : tf.image.resizeBilinear(images, [size, size], false, true);
      return pooled(built.run(normalised(scaled, options.normalisation)), images.shape[0]);
    };
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
  options: Pick<BackboneOptions, "reference"> & {
    /** Of this server, for its own paths. */
    readonly base: string;
    readonly signal?: AbortSignal;
    readonly fetch?: typeof fetch;
  },
): Promise<Backbone> {
  const { read, manifest } = httpFiles(reference.url, options);
  const files = await readBackbone(read, manifest);
  const changed = (what: string, now: unknown, then: unknown) =>
    new TandemError(
      "corrupt",
      `the backbone at ${reference.url} has changed: ${what} is ${now}, and was ${then} when the task was made. Put the same files there again, or make a new task.`,
    );
  if (files.sha256 !== reference.sha256)
    throw changed("its SHA-256", files.sha256, reference.sha256);
  const backbone = await loadBackbone(files, {
    ...options,
    ...reference,
    reference: options.reference,
  });
  const odd = (["size", "features"] as const).find((key) => backbone[key] !== reference[key]);
  if (!odd) return backbone;
  backbone.dispose();
  throw changed(odd, backbone[odd], reference[odd]);
}

type BuiltBackbone = {
  readonly input: { readonly shape: readonly (number | null)[]; readonly dtype: tf.DataType };
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
  const dispose = () => void model.dispose();
  try {
    const cut = cutAt(model, layer);
    const { input, output, dtype } = shapesOf(cut);
    if (output.length !== 2 && output.length !== 4)
      throw refused(`its output is [${output.map(shown)}], ${wanted}`);
    return {
      input: { shape: input, dtype },
      layers,
      run: (images) => cut.apply(images, { training: false }) as tf.Tensor,
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

const shown = (n: number | null) => n ?? "any";
const wanted =
  "neither features (any, d) nor a map of them (any, h, w, d): name an earlier layer whose output is one.";

function sizeOf(
  { shape, dtype }: BuiltBackbone["input"],
  { size: asked }: BackboneOptions,
): number {
  const [batch, height, width, channels] = shape;
  const isSquare = shape.length === 4 && height === width && channels === 3;
  if (batch !== null || !isSquare || dtype !== "float32")
    throw refused(
      `its input is [${shape.map(shown)}] of ${dtype}, not [any, h, h, 3] of float32: convert it with a free batch size, for square colour pictures.`,
    );
  const size = height ?? asked ?? largest.size;
  if (height !== null && asked !== undefined && asked !== height)
    throw refused(`its input is ${height} pixels a side, not ${asked}: leave the size out.`);
  if (!Number.isInteger(size) || size < 8 || size > largest.size)
    throw refused(
      `its input is ${size} pixels a side: 8 to ${largest.size} are possible; choose a smaller variant of the model.`,
    );
  return size;
}

/** Of the mean of 0.485, 0.456, 0.406 and the deviation of 0.229, 0.224, 0.225 of ImageNet's channels. */
const imagenet = { mean: [123.675, 116.28, 103.53], deviation: [58.395, 57.12, 57.375] };

function normalised(images: tf.Tensor, normalisation: Normalisation): tf.Tensor {
  switch (normalisation) {
    case "0..255":
      return images;
    case "0..1":
      return tf.div(images, 255);
    case "-1..1":
      return tf.sub(tf.div(images, 127.5), 1);
    case "imagenet":
      return tf.div(tf.sub(images, imagenet.mean), imagenet.deviation);
    default:
      return unreachable(normalisation);
  }
}

/** (B, d), or the mean over the positions of (B, h, w, d). */
function pooled(output: tf.Tensor, batch: number): tf.Tensor2D {
  const { shape } = output;
  if ((shape.length !== 2 && shape.length !== 4) || shape[0] !== batch)
    throw refused(`it makes [${shape}] of ${batch} pictures, ${wanted}`);
  const rows = (shape.length === 4 ? tf.mean(output, [1, 2]) : output) as tf.Tensor2D;
  const [, features] = rows.shape;
  if (features < 2 || features > largest.features)
    throw refused(
      `it makes ${features} features of a picture: 2 to ${largest.features} are possible; name a layer with ${features < 2 ? "more" : "fewer"}.`,
    );
  return rows;
}

const tolerance = 0.02;

/** How many features it makes; throws unless they are finite, differ, and are the reference's. */
async function tryOut(
  run: Backbone["run"],
  size: number,
  reference: BackboneOptions["reference"],
): Promise<number> {
  const compute = () => tf.tidy(() => run(testPictures(size)));
  const output = compute();
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
  const right = await reference?.(compute);
  const scale = Math.max(...values.map(Math.abs));
  const error = right
    ? Math.max(...right.map((value, i) => Math.abs(value - values[i]))) / scale
    : 0;
  if (!(error <= tolerance))
    throw new TandemError(
      "not-supported",
      `backbone: ${tf.getBackend()} is off by ${(100 * error).toFixed(1)} % of its features: choose another backend (wasm) in this tab.`,
    );
  return features;
}

/** A ramp of colours, and stripes of another brightness. */
function testPictures(size: number): tf.Tensor4D {
  const data = Float32Array.from({ length: 2 * size * size * 3 }, (_, at) => {
    const [channel, x] = [at % 3, Math.floor(at / 3) % size];
    const y = Math.floor(at / (3 * size)) % size;
    const isRamp = at < size * size * 3;
    const ramp = (255 * (channel === 0 ? x : channel === 1 ? y : size - 1 - x)) / (size - 1);
    return isRamp ? ramp : Math.floor((x + channel * y) / 4) % 2 ? 200 : 20 + 10 * channel;
  });
  return tf.tensor4d(data, [2, size, size, 3]);
}
