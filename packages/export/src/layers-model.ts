import { type Modality, modalitiesOf } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import type { Arrays } from "@tandem/core/tensor";
import {
  featureEncoders,
  imageEncoders,
  type MakeEncoder,
  textEncoders,
} from "@tandem/models/encoders";
import { architectureNamed } from "@tandem/models/registry";
import {
  input,
  type LayersModel,
  layers,
  model,
  type SymbolicTensor,
} from "@tensorflow/tfjs-layers";
import { placeBackbone, refuseSameNames, type StockBackbone } from "./on-backbone";
import { type EncoderToTake, ownEncoder } from "./own-encoder";
import { beside, createStock, extentsOf, type Stock, scaled, values } from "./stock";
import { stockEncoders } from "./stock-encoders";
import { dense, softmax, standardise } from "./stock-layers";

export type StockOptions = {
  readonly architecture: string;
  readonly weights: Arrays;
  readonly classes: number;
  /** Height and width in pixels, of models that read pictures. */
  readonly imageSize: number;
  /** Rows of the table of words, of models that read texts. */
  readonly vocabularySize: number;
  /** Tokens of a text. */
  readonly length: number;
  /** Of models that read a backbone's features: how many. */
  readonly featureSize?: number;
  /** What makes them of pictures; absent: the model reads the features themselves. */
  readonly backbone?: StockBackbone;
  /** Of a model that trains one of somebody's own. */
  readonly encoder?: EncoderToTake | undefined;
};

/** Outputs by name: `<modality>_probabilities`, `<modality>_logits` and `<modality>_embedding`, unit rows. */
export type StockModel = {
  readonly model: LayersModel;
  /** Of these the model itself gives the probabilities, and then, of pairs, the embeddings. */
  readonly outputs: Readonly<Record<string, SymbolicTensor>>;
  readonly dispose: () => void;
};

/**
 * A model of the registry in stock layers alone, with weights of its own. Inputs: `image` (N, h, w, 3)
 * in [0, 1], or `features` (N, d) where
 * the backbone is not given, and `text` (N, length) ids. Throws `bad-data` for weights of another model.
 */
export function createStockModel(options: StockOptions): StockModel {
  const { architecture, weights, classes, length } = options;
  const found = architectureNamed(architecture);
  const s = createStock(weights);
  const inputs: SymbolicTensor[] = [];
  const outputs: Record<string, SymbolicTensor> = {};
  const isPair = found.modality === "image-text";
  for (const modality of modalitiesOf(found.modality)) {
    const own =
      modality === "image"
        ? pictureInput(options, found.needs === "features")
        : input({ name: "text", shape: [length], dtype: "int32" });
    inputs.push(own);
    const hasBackbone = modality === "image" && options.backbone;
    const x = hasBackbone ? placeBackbone(s, own, hasBackbone) : own;
    const features =
      modality === "image" && found.needs === "encoder"
        ? ownEncoder(s, x, encoderOf(options))
        : stockEncoderOf(found.encoders[modality], architecture)(s, x, options);
    const [width] = extentsOf(features);
    const head = { inputs: width, outputs: classes, name: `${modality}.logits` };
    const logits = dense(s, `${modality}.head`, head)(features);
    outputs[`${modality}_logits`] = logits;
    outputs[`${modality}_probabilities`] = softmax(s, `${modality}.probabilities`, logits);
    outputs[`${modality}_embedding`] = unitProjection(s, modality, features);
  }
  const kinds = isPair ? ["probabilities", "embedding"] : ["probabilities"];
  const shown = kinds.flatMap((kind) => Object.keys(outputs).filter((name) => name.endsWith(kind)));
  const stock = model({
    name: architecture.replaceAll("-", "_"),
    inputs,
    outputs: shown.map((name) => outputs[name]),
  });
  s.fill(["retrieval.logTemperature"]);
  if (options.backbone) refuseSameNames(stock);
  return { model: stock, outputs, dispose: s.dispose };
}

function pictureInput({ imageSize, featureSize, backbone }: StockOptions, readsFeatures: boolean) {
  if (!readsFeatures || backbone) return input({ name: "image", shape: [imageSize, imageSize, 3] });
  if (featureSize === undefined)
    throw new TandemError("bad-config", "the model reads features: say its featureSize");
  return input({ name: "features", shape: [featureSize] });
}

function encoderOf({ encoder, architecture }: StockOptions): EncoderToTake {
  if (encoder) return encoder;
  throw new TandemError(
    "bad-config",
    `${architecture} trains an encoder: give the one it began with.`,
  );
}

function stockEncoderOf(make: MakeEncoder | undefined, architecture: string) {
  const known = { ...imageEncoders, ...textEncoders, ...featureEncoders };
  const name = (Object.keys(known) as (keyof typeof known)[]).find((key) => known[key] === make);
  if (!name)
    throw new TandemError(
      "not-supported",
      `${architecture} has an encoder that is not described in stock layers: add it to stockEncoders`,
    );
  return stockEncoders[name];
}

/**
 * Unit rows: [v, -v] has mean 0 and variance |v|² / d, so that a layer norm of it is √d v / |v|. Its
 * epsilon is that of `unitRows`.
 */
function unitProjection(s: Stock, modality: Modality, features: SymbolicTensor): SymbolicTensor {
  const [inputs] = extentsOf(features);
  const dimension = s.dimensionOf(`${modality}.projector.bias`);
  const kernel = s.take(`${modality}.projector.weight`, [inputs, dimension]);
  const bias = s.take(`${modality}.projector.bias`, [dimension]);
  const zeros = { kernelInitializer: "zeros" } as const;
  const both = s.place(
    layers.dense({ name: `${modality}_projector`, units: 2 * dimension, ...zeros }),
    features,
    beside([kernel, scaled(kernel, -1)]),
    beside([bias, scaled(bias, -1)]),
  );
  const epsilon = 1e-12 / dimension;
  const unit = standardise(s, `${modality}.unit`, both, {
    epsilon,
    scale: 1 / Math.sqrt(dimension),
  });
  const first = values([2 * dimension, dimension], (at) =>
    Number(Math.floor(at / dimension) === at % dimension),
  );
  const half = { units: dimension, useBias: false, trainable: false, ...zeros };
  return s.place(layers.dense({ name: `${modality}_embedding`, ...half }), unit, first);
}
