import * as tf from "@tensorflow/tfjs-core";
import { transformerLayer } from "./attention";
import {
  convolution,
  dense,
  embedding,
  type Layer,
  layerNorm,
  meanPool,
  present,
  separableConvolution,
  unitNormal,
} from "./layers";
import type { Variables } from "./variables";

/** Features of one modality, and how wide they are. */
export type Encoder = { readonly encode: Layer; readonly width: number };
export type EncoderOptions = {
  readonly imageSize: number;
  readonly vocabularySize: number;
  /** Of a backbone. */
  readonly featureSize: number;
  /** What makes the encoder of a model that somebody brings. */
  readonly encoder?: MakeEncoder;
};
export type MakeEncoder = (v: Variables, options: EncoderOptions) => Encoder;

const cnn =
  (widths: readonly number[]): MakeEncoder =>
  (v) => {
    const blocks = widths.map((width, i) =>
      convolution(v, `image.conv${i}`, {
        inputs: i === 0 ? 3 : widths[i - 1],
        outputs: width,
        stride: 2,
      }),
    );
    const width = widths[widths.length - 1];
    const encode = (x: tf.Tensor) =>
      tf.mean(
        blocks.reduce((h, block) => block(h), tf.sub(tf.mul(x, 2), 1)),
        [1, 2],
      );
    return { encode, width };
  };

const mlp: MakeEncoder = (v, { imageSize }) => {
  const inputs = (imageSize / 2) ** 2 * 3;
  const first = dense(v, "image.dense0", { inputs, outputs: 128 });
  const second = dense(v, "image.dense1", { inputs: 128, outputs: 64 });
  const encode = (x: tf.Tensor) => {
    const small = tf.avgPool(x as tf.Tensor4D, 2, 2, "valid");
    const flat = tf.reshape(tf.sub(tf.mul(small, 2), 1), [-1, inputs]);
    return tf.relu(second(tf.relu(first(flat))));
  };
  return { encode, width: 64 };
};

/** MobileNet's blocks, arXiv 1704.04861. */
const depthwise: MakeEncoder = (v) => {
  const blocks = [
    convolution(v, "image.conv", { inputs: 3, outputs: 16, stride: 2 }),
    separableConvolution(v, "image.block0", { inputs: 16, outputs: 32, stride: 2 }),
    separableConvolution(v, "image.block1", { inputs: 32, outputs: 64, stride: 2 }),
    separableConvolution(v, "image.block2", { inputs: 64, outputs: 64, stride: 1 }),
  ];
  const encode = (x: tf.Tensor) =>
    tf.mean(
      blocks.reduce((h, block) => block(h), tf.sub(tf.mul(x, 2), 1)),
      [1, 2],
    );
  return { encode, width: 64 };
};

/** 4 x 4 patches, two layers of two heads, mean over the patches; arXiv 2010.11929. */
const vit: MakeEncoder = (v, { imageSize }) => {
  const [side, width, heads] = [4, 48, 2];
  const patch = imageSize / side; // pixels
  if (!Number.isInteger(patch))
    throw new Error(`${imageSize} pixels do not divide into ${side} patches a side`);
  const [count, values] = [side ** 2, patch ** 2 * 3];
  const embed = dense(v, "image.patch", { inputs: values, outputs: width });
  const positions = v.normal("image.positions", [count, width], 0.3);
  const layers = [0, 1].map((i) => transformerLayer(v, `image.layer${i}`, { width, heads }));
  const norm = layerNorm(v, "image.norm", width);
  const encode = (x: tf.Tensor) => {
    const cut = tf.reshape(tf.sub(tf.mul(x, 2), 1), [-1, side, patch, side, patch * 3]);
    const patches = tf.reshape(tf.transpose(cut, [0, 1, 3, 2, 4]), [-1, count, values]);
    const seen = layers.reduce((h, layer) => layer(h), tf.add(embed(patches), positions));
    return tf.mean(norm(seen), 1);
  };
  return { encode, width };
};

/** A backbone's features as they are, but each picture's with mean 0 and deviation 1. */
const linear: MakeEncoder = (_, { featureSize }) => ({ encode: unitNormal, width: featureSize });

const perceptron: MakeEncoder = (v, { featureSize }) => {
  const hidden = dense(v, "image.dense", { inputs: featureSize, outputs: 128 });
  return { encode: (x) => tf.relu(hidden(unitNormal(x))), width: 128 };
};

const bag: MakeEncoder = (v, { vocabularySize }) => {
  const words = embedding(v, "text.embedding", { size: vocabularySize, width: 48 });
  const hidden = dense(v, "text.dense", { inputs: 48, outputs: 64 });
  return { encode: (ids) => tf.relu(hidden(meanPool(words(ids), present(ids)))), width: 64 };
};

/** Cho et al., arXiv 1406.1078; padding leaves the state as it is. */
const gru: MakeEncoder = (v, { vocabularySize }) => {
  const width = 64;
  const words = embedding(v, "text.embedding", { size: vocabularySize, width: 32 });
  const gates = dense(v, "text.gates", { inputs: 32 + width, outputs: 2 * width });
  const candidate = dense(v, "text.candidate", { inputs: 32 + width, outputs: width });
  const encode = (ids: tf.Tensor) => {
    const [batch, length] = ids.shape;
    const [x, mask] = [words(ids), present(ids)];
    let state: tf.Tensor = tf.zeros([batch, width]);
    for (let t = 0; t < length; t++) {
      const token = tf.reshape(tf.slice(x, [0, t, 0], [batch, 1, 32]), [batch, 32]);
      const there = tf.reshape(tf.slice(mask, [0, t, 0], [batch, 1, 1]), [batch, 1]);
      const both = tf.sigmoid(gates(tf.concat([token, state], 1)));
      const reset = tf.slice(both, [0, 0], [batch, width]);
      const update = tf.mul(tf.slice(both, [0, width], [batch, width]), there);
      const next = tf.tanh(candidate(tf.concat([token, tf.mul(reset, state)], 1)));
      state = tf.add(state, tf.mul(update, tf.sub(next, state)));
    }
    return state;
  };
  return { encode, width };
};

/** One layer with one head of attention. */
const transformer: MakeEncoder = (v, { vocabularySize }) => {
  const width = 48;
  const words = embedding(v, "text.embedding", { size: vocabularySize, width });
  const layer = transformerLayer(v, "text", { width, heads: 1 });
  const encode = (ids: tf.Tensor) => {
    const mask = present(ids); // (B, L, 1)
    const hidden = tf.mul(tf.sub(tf.transpose(mask, [0, 2, 1]), 1), 1e9);
    return meanPool(layer(words(ids), tf.expandDims(hidden, 1)), mask);
  };
  return { encode, width };
};

export const imageEncoders = {
  "cnn-small": cnn([16, 32, 64]),
  "cnn-wide": cnn([24, 48, 96]),
  "mlp-image": mlp,
  "cnn-depthwise": depthwise,
  vit,
} as const;
/** Read features, not pixels. */
export const featureEncoders = { linear, perceptron } as const;
export const textEncoders = { bag, gru, transformer } as const;
