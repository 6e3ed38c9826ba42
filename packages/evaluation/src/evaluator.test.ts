import { createRng } from "@tandem/core/rng";
import { u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { accuracy, judge, trainEvaluator } from "./evaluator";

/** Dark pictures are class 0, bright ones class 1. */
function darkAndBright(count: number, seed: number) {
  const rng = createRng(seed);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const pixels = Uint8Array.from({ length: count * 8 * 8 * 3 }, (_, i) => {
    const bright = labels[Math.floor(i / 192)] === 1;
    return rng.integer(80) + (bright ? 170 : 0);
  });
  return { size: count, labels, images: u8([count, 8, 8, 3], pixels) };
}

it("a judge learns to tell unseen pictures apart, repeats with its seed and leaves no tensor", async () => {
  await startNodeEngine();
  const before = tf.memory().numTensors;
  const losses: number[] = [];
  const train = (seed: number) =>
    trainEvaluator(darkAndBright(64, 1), {
      classes: 2,
      epochs: 12,
      seed,
      onEpoch: (_, loss) => losses.push(loss),
    });
  const weights = await train(1);
  expect(losses.at(-1)).toBeLessThan(losses[0] / 2);
  const unseen = darkAndBright(130, 2);
  const { features, logits } = judge(weights, unseen.images);
  expect(accuracy(logits, unseen.labels)).toBeGreaterThan(0.95);
  expect(features.shape).toEqual([130, 64]); // two batches, 128 and 2
  expect(await train(1)).toEqual(weights);
  expect(await train(2)).not.toEqual(weights);
  expect(tf.memory().numTensors).toBe(before);
});
