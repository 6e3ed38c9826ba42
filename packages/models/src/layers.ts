import * as tf from "@tensorflow/tfjs-core";
import type { Variables } from "./variables";

export type Layer = (x: tf.Tensor) => tf.Tensor;

/** Channels, or features, on either side. */
type Sides = { readonly inputs: number; readonly outputs: number };
type Strided = Sides & { readonly stride: number };

/** (…, in) -> (…, out). */
export function dense(v: Variables, name: string, { inputs, outputs }: Sides): Layer {
  const weight = v.normal(`${name}.weight`, [inputs, outputs], Math.sqrt(2 / inputs));
  const bias = v.fill(`${name}.bias`, [outputs], 0);
  return (x) => {
    const flat = tf.reshape(x, [-1, inputs]) as tf.Tensor2D;
    const y = tf.add(tf.matMul(flat, weight as tf.Tensor as tf.Tensor2D), bias);
    return tf.reshape(y, [...x.shape.slice(0, -1), outputs]);
  };
}

/** (B, h, w, in) -> (B, h/s, w/s, out), "same" padding, group norm, ReLU. */
export function convolution(
  v: Variables,
  name: string,
  { inputs, outputs, stride }: Strided,
): Layer {
  const weight = v.normal(`${name}.weight`, [3, 3, inputs, outputs], Math.sqrt(2 / (9 * inputs)));
  const norm = groupNorm(v, `${name}.norm`, { channels: outputs, groups: 4 });
  return (x) =>
    tf.relu(norm(tf.conv2d(x as tf.Tensor4D, weight as tf.Tensor as tf.Tensor4D, stride, "same")));
}

/** 3 x 3 within each channel, then 1 x 1 across them, each with group norm and ReLU. */
export function separableConvolution(
  v: Variables,
  name: string,
  { inputs, outputs, stride }: Strided,
): Layer {
  const weight = v.normal(`${name}.depthwise.weight`, [3, 3, inputs, 1], Math.sqrt(2 / 9));
  const inner = groupNorm(v, `${name}.depthwise.norm`, { channels: inputs, groups: 4 });
  const pointwise = dense(v, `${name}.pointwise`, { inputs, outputs });
  const outer = groupNorm(v, `${name}.pointwise.norm`, { channels: outputs, groups: 4 });
  return (x) => {
    const filter = weight as tf.Tensor as tf.Tensor4D;
    const own = tf.depthwiseConv2d(x as tf.Tensor4D, filter, stride, "same");
    return tf.relu(outer(pointwise(tf.relu(inner(own)))));
  };
}

/** Over the positions and the channels of each group: (B, h, w, c). */
export function groupNorm(
  v: Variables,
  name: string,
  { channels, groups }: { readonly channels: number; readonly groups: number },
): Layer {
  const scale = v.fill(`${name}.scale`, [channels], 1);
  const shift = v.fill(`${name}.shift`, [channels], 0);
  return (x) => {
    const [batch, height, width] = x.shape;
    const split = tf.reshape(x, [batch, height * width, groups, channels / groups]);
    const mean = tf.mean(split, [1, 3], true);
    const centred = tf.sub(split, mean);
    const variance = tf.mean(tf.square(centred), [1, 3], true);
    const normal = tf.div(centred, tf.sqrt(tf.add(variance, 1e-5)));
    return tf.add(tf.mul(tf.reshape(normal, x.shape), scale), shift);
  };
}

/** Over the last axis. */
export function layerNorm(v: Variables, name: string, width: number): Layer {
  const scale = v.fill(`${name}.scale`, [width], 1);
  const shift = v.fill(`${name}.shift`, [width], 0);
  return (x) => tf.add(tf.mul(unitNormal(x), scale), shift);
}

/** Mean 0 and variance 1 over the last axis. */
export function unitNormal(x: tf.Tensor): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  return tf.div(centred, tf.sqrt(tf.add(variance, 1e-5)));
}

/** Rows of a table for ids (B, L): (B, L, width). */
export function embedding(
  v: Variables,
  name: string,
  { size, width }: { readonly size: number; readonly width: number },
): Layer {
  const table = v.normal(`${name}.weight`, [size, width], 0.3);
  return (ids) => tf.gather(table, ids as tf.Tensor2D);
}

/** 1 where a token is, 0 where it pads: (B, L, 1). */
export const present = (ids: tf.Tensor): tf.Tensor =>
  tf.expandDims(tf.cast(tf.greater(ids, 0), "float32"), -1);

/** Mean over the tokens that are there: (B, L, d) -> (B, d). */
export const meanPool = (x: tf.Tensor, mask: tf.Tensor): tf.Tensor =>
  tf.div(tf.sum(tf.mul(x, mask), 1), tf.maximum(tf.sum(mask, 1), 1));

/** Rows of unit length. */
export const unitRows = (x: tf.Tensor): tf.Tensor2D =>
  tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), -1, true), 1e-12))) as tf.Tensor2D;
