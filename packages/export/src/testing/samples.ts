import { type ClientModality, type Modality, modalitiesOf } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import { type Arrays, f32 } from "@tandem/core/tensor";
import type { LayersEncoder } from "@tandem/models/backbone/layers-encoder";
import { createModel } from "@tandem/models/registry";
import * as tf from "@tensorflow/tfjs-core";

export const count = 6;
export const length = 16;
/** Words of each text; 0: an empty one. */
const texts = [0, length, 3, 1, 7, 12];

/** A model whose weights have all moved from where they start, and what it makes of odd samples. */
export async function trainedModel(architecture: string, imageSize = 28, own?: LayersEncoder) {
  const options = { architecture, classes: 3, vocabularySize: 30, imageSize };
  const rng = createRng(architecture);
  const model = createModel({ ...options, seed: 5, ...(own && { encoder: own.make }) });
  const moved = Object.entries(await model.weights()).map(([name, { shape, data }]) => {
    const values = Float32Array.from(data, (value) => value + 0.3 * rng.normal());
    return [name, f32(shape, values)] as const;
  });
  const weights: Arrays = Object.fromEntries(moved);
  model.load(weights);
  const picture = imageSize ** 2 * 3;
  // The first is black, the second white.
  const pixels = Float32Array.from({ length: count * picture }, (_, at) =>
    at < picture ? 0 : at < 2 * picture ? 1 : rng.uniform(),
  );
  const ids = Int32Array.from({ length: count * length }, (_, at) =>
    at % length < texts[Math.floor(at / length)] ? 1 + rng.integer(29) : 0,
  );
  const outputs: Record<string, Float32Array> = {};
  tf.tidy(() => {
    const { z, logits } = model.forward({
      image: tf.tensor4d(pixels, [count, imageSize, imageSize, 3]),
      tokens: tf.tensor2d(ids, [count, length], "int32"),
    });
    for (const modality of modalitiesOf(model.modality)) {
      const own = logits[modality] as tf.Tensor2D;
      outputs[`${modality}_logits`] = own.dataSync() as Float32Array;
      outputs[`${modality}_probabilities`] = tf.softmax(own).dataSync() as Float32Array;
      outputs[`${modality}_embedding`] = z[modality]?.dataSync() as Float32Array;
    }
  });
  model.dispose();
  return {
    options: { ...options, weights, length, encoder: own?.source },
    modality: model.modality,
    pixels,
    ids,
    outputs,
  };
}

/** Tensors of the samples for each modality; the caller owns them. */
export const inputsOf = ({
  pixels,
  ids,
  modality,
  options,
}: Awaited<ReturnType<typeof trainedModel>>): Readonly<Partial<Record<Modality, tf.Tensor>>> => {
  const make = {
    image: () => tf.tensor4d(pixels, [count, options.imageSize, options.imageSize, 3]),
    text: () => tf.tensor2d(ids, [count, length], "int32"),
  };
  return Object.fromEntries(
    modalitiesOf(modality as ClientModality).map((name) => [name, make[name]()]),
  );
};

/** The largest difference of two arrays of the same length. */
export function farthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0)
    throw new Error(`${a.length} and ${b.length} values`);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const distance = Math.abs(a[i] - b[i]);
    if (!(distance <= largest)) largest = distance; // NaN stays
  }
  return largest;
}
