import * as tf from "@tensorflow/tfjs-core";
import { convolution, dense, embedding, type Layer, layerNorm, meanPool, present } from "./layers";
import type { Variables } from "./variables";

/** Features of one modality, and how wide they are. */
export type Encoder = { readonly encode: Layer; readonly width: number };
export type EncoderOptions = { readonly imageSize: number; readonly vocabularySize: number };
export type MakeEncoder = (v: Variables, options: EncoderOptions) => Encoder;

const cnn =
  (widths: readonly number[]): MakeEncoder =>
  (v) => {
    const blocks = widths.map((width, i) =>
      convolution(v, `image.conv${i}`, i === 0 ? 3 : widths[i - 1], width, 2),
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
  const first = dense(v, "image.dense0", inputs, 128);
  const second = dense(v, "image.dense1", 128, 64);
  const encode = (x: tf.Tensor) => {
    const small = tf.avgPool(x as tf.Tensor4D, 2, 2, "valid");
    const flat = tf.reshape(tf.sub(tf.mul(small, 2), 1), [-1, inputs]);
    return tf.relu(second(tf.relu(first(flat))));
  };
  return { encode, width: 64 };
};

const bag: MakeEncoder = (v, { vocabularySize }) => {
  const words = embedding(v, "text.embedding", vocabularySize, 48);
  const hidden = dense(v, "text.dense", 48, 64);
  return { encode: (ids) => tf.relu(hidden(meanPool(words(ids), present(ids)))), width: 64 };
};

/** Cho et al., arXiv 1406.1078; padding leaves the state as it is. */
const gru: MakeEncoder = (v, { vocabularySize }) => {
  const width = 64;
  const words = embedding(v, "text.embedding", vocabularySize, 32);
  const gates = dense(v, "text.gates", 32 + width, 2 * width);
  const candidate = dense(v, "text.candidate", 32 + width, width);
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

/** One pre-norm layer with one head of attention. */
const transformer: MakeEncoder = (v, { vocabularySize }) => {
  const width = 48;
  const words = embedding(v, "text.embedding", vocabularySize, width);
  const [before, after] = [layerNorm(v, "text.norm1", width), layerNorm(v, "text.norm2", width)];
  const [query, key, value] = ["query", "key", "value"].map((name) =>
    dense(v, `text.${name}`, width, width),
  );
  const up = dense(v, "text.up", width, 2 * width);
  const down = dense(v, "text.down", 2 * width, width);
  const encode = (ids: tf.Tensor) => {
    const mask = present(ids); // (B, L, 1)
    const x = words(ids);
    const normal = before(x);
    const keys = tf.transpose(key(normal), [0, 2, 1]) as tf.Tensor3D;
    const scores = tf.div(tf.matMul(query(normal) as tf.Tensor3D, keys), Math.sqrt(width));
    const hidden = tf.mul(tf.sub(tf.transpose(mask, [0, 2, 1]), 1), 1e9); // (B, 1, L)
    const weights = tf.softmax(tf.add(scores, hidden)) as tf.Tensor3D;
    const mixed = tf.add(x, tf.matMul(weights, value(normal) as tf.Tensor3D));
    const out = tf.add(mixed, down(tf.relu(up(after(mixed)))));
    return meanPool(out, mask);
  };
  return { encode, width };
};

export const imageEncoders = {
  "cnn-small": cnn([16, 32, 64]),
  "cnn-wide": cnn([24, 48, 96]),
  "mlp-image": mlp,
} as const;
export const textEncoders = { bag, gru, transformer } as const;
