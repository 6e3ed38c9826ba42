import type { Rng } from "@tandem/core/rng";
import type { ServerEnv } from "@tandem/core/strategy";
import { type Arrays, arrayOf, f32, type TensorOf } from "@tandem/core/tensor";
import { joined, scores, seenBy, viewOf } from "./critic";
import { ridgeRegression } from "./linear";
import { pooledImportances } from "./pooling";
import { bounded, limit, type Painted, ratiosOf } from "./ratios";

/** On the weights of the server's critic, whose sums are means over pictures. */
const penalty = 0.1;

/**
 * The server's own critic, by ridge regression of log w̄ on the pictures that it was said of (docs/algorithm.md
 * A7). Needs a tfjs backend.
 */
export async function distilledCritic(
  images: TensorOf<"u8">,
  importances: ArrayLike<number>,
  rng: Rng,
): Promise<Arrays> {
  const { view, features } = await viewOf(images, rng);
  const parts = Array.from(importances, (w, row) => ({
    features,
    rows: [row],
    target: logOf(w),
    importance: 1 / importances.length,
  }));
  const { weights, bias } = ridgeRegression(joined(parts), penalty);
  return {
    ...view,
    weights: f32([weights.length], Float32Array.from(weights)),
    bias: f32([1], Float32Array.of(bias)),
  };
}

/** What the server's critic says of pictures (N, h, w, 3): (N,). Needs a tfjs backend. */
export async function criticise(critic: Arrays, images: TensorOf<"u8">): Promise<Float64Array> {
  const weights = Float64Array.from(arrayOf(critic, "weights", "f32").data);
  const bias = arrayOf(critic, "bias", "f32").data[0];
  return scores({ weights, bias }, await seenBy(critic, images));
}

/** Of an importance, bounded as answers are. */
export const logOf = (w: number) => Math.log(Math.max(w, Math.exp(-limit)));

/** e^g of pictures by the server's critic, over their mean: (N,). */
export async function importancesBy(critic: Arrays, images: TensorOf<"u8">): Promise<Float64Array> {
  const said = await criticise(critic, images);
  const odds = said.map((g) => Math.exp(bounded(g)));
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
  const said = await criticise(critic, images);
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
