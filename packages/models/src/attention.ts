import * as tf from "@tensorflow/tfjs-core";
import { dense, layerNorm } from "./layers";
import type { Variables } from "./variables";

/**
 * Attention and two dense layers, each after a norm and around a skip connection: (B, L, w) to the
 * same. `hidden` (B, 1, 1, L) is added to the scores: far below zero where nobody may look.
 */
export function transformerLayer(
  v: Variables,
  name: string,
  { width, heads }: { readonly width: number; readonly heads: number },
) {
  const depth = width / heads;
  const [before, after] = [1, 2].map((i) => layerNorm(v, `${name}.norm${i}`, width));
  const [query, key, value] = ["query", "key", "value"].map((part) =>
    dense(v, `${name}.${part}`, { inputs: width, outputs: width }),
  );
  const up = dense(v, `${name}.up`, { inputs: width, outputs: 2 * width });
  const down = dense(v, `${name}.down`, { inputs: 2 * width, outputs: width });
  return (x: tf.Tensor, hidden?: tf.Tensor): tf.Tensor => {
    const [batch, length] = x.shape;
    const split = (y: tf.Tensor, axes: readonly number[]) =>
      tf.transpose(tf.reshape(y, [batch, length, heads, depth]), [...axes]) as tf.Tensor4D;
    const normal = before(x);
    const keys = split(key(normal), [0, 2, 3, 1]); // (B, h, d, L)
    const queries = split(query(normal), [0, 2, 1, 3]); // (B, h, L, d)
    const scores = tf.div(tf.matMul(queries, keys), Math.sqrt(depth));
    const weights = tf.softmax(hidden ? tf.add(scores, hidden) : scores) as tf.Tensor4D;
    const seen = tf.matMul(weights, split(value(normal), [0, 2, 1, 3])); // (B, h, L, d)
    const joined = tf.reshape(tf.transpose(seen, [0, 2, 1, 3]), [batch, length, width]);
    const mixed = tf.add(x, joined);
    return tf.add(mixed, down(tf.relu(up(after(mixed)))));
  };
}
