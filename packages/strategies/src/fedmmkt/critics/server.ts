import type { Rng } from "@tandem/core/rng";
import type { ServerEnv } from "@tandem/core/strategy";
import type { Arrays } from "@tandem/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { optimise } from "../../training/small-net";
import { criticise, initialCritic, oneHot, picturesTensor, runCritic } from "./net";
import { pooledImportances } from "./pooling";
import { bounded, limit, type Painted, ratiosOf } from "./ratios";

const [steps, batch, learningRate] = [400, 64, 2e-3];

/**
 * The server's own critic, by regression of log w̄ on the pictures that it was said of; from an earlier one
 * where there is one (docs/algorithm.md A7). Needs a tfjs backend.
 */
export async function distilledCritic(
  { images, labels }: Painted,
  importances: ArrayLike<number>,
  {
    critic,
    classes,
    rng,
    signal,
  }: {
    readonly critic: Arrays;
    readonly classes: number;
    readonly rng: Rng;
    readonly signal: AbortSignal;
  },
): Promise<Arrays> {
  const targets = Float32Array.from(importances, logOf);
  const start = "bias" in critic ? critic : initialCritic(classes, rng.fork("weights"));
  return optimise(start, {
    steps,
    learningRate,
    signal,
    loss(net) {
      const rows = Array.from({ length: batch }, () => rng.integer(labels.length));
      const own = Int32Array.from(rows, (row) => labels[row]);
      const said = runCritic(net, picturesTensor(images, rows), oneHot(own, classes));
      const wanted = tf.tensor1d(Float32Array.from(rows, (row) => targets[row]));
      return tf.mean(tf.square(tf.sub(said, wanted))) as tf.Scalar;
    },
  });
}

/** Of an importance, bounded as answers are. */
export const logOf = (w: number) => Math.log(Math.max(w, Math.exp(-limit)));

/** e^g of pictures by the server's critic, over their mean: (N,). */
export async function importancesBy(
  critic: Arrays,
  { images, labels }: Painted,
): Promise<Float64Array> {
  const odds = Float64Array.from(await criticise(critic, images, labels), (g) =>
    Math.exp(bounded(g)),
  );
  const centre = odds.reduce((a, b) => a + b, 0) / odds.length;
  return odds.map((value) => value / centre);
}

/** As a control: w̄ (N,) by a critic of the server's own, which knows public pictures alone. */
export async function publicImportances(
  painted: Painted,
  { teacher, classes, rng, signal }: ServerEnv,
): Promise<Float32Array> {
  const { images, labels } = teacher.publicSet;
  const own = { size: labels.length, labels: Int32Array.from(labels), images };
  const ratios = await ratiosOf(own, painted, {
    classes: classes.length,
    rng: rng.fork("critic"),
    signal,
  });
  const answer = { id: "server", age: 0, ...ratios };
  return pooledImportances([answer], Array.from(painted.labels)).importances;
}

/**
 * So many candidates of each class, drawn without replacement with chances ∝ e^g of the server's critic
 * (Gumbel-top-k, arXiv 1903.06059), in their order. The best ones would be more and more alike.
 */
export async function drawnBy(
  critic: Arrays,
  { images, labels }: Painted,
  countOf: (label: number) => number,
  rng: Rng,
): Promise<readonly number[]> {
  const said = await criticise(critic, images, labels);
  const keys = said.map((g) => g - Math.log(-Math.log(1 - rng.uniform())));
  const order = [...keys.keys()].sort((a, b) => keys[b] - keys[a] || a - b);
  const taken = new Map<number, number>();
  return order
    .filter((row) => {
      const before = taken.get(labels[row]) ?? 0;
      taken.set(labels[row], before + 1);
      return before < countOf(labels[row]);
    })
    .sort((a, b) => a - b);
}

/** `count` indices by systematic resampling: each comes ⌊count w / Σw⌋ times or once more. None if all weights are 0. */
export function resampled(weights: ArrayLike<number>, count: number, rng: Rng): readonly number[] {
  const total = Array.from(weights).reduce((a, b) => a + b, 0);
  if (!(total > 0)) return [];
  const start = rng.uniform();
  const chosen: number[] = [];
  let passed = 0;
  for (let i = 0; i < weights.length; i++) {
    passed += weights[i];
    while (chosen.length < count && (chosen.length + start) * total < passed * count)
      chosen.push(i);
  }
  return chosen;
}
