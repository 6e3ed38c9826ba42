import { createRng } from "@tandem/core/rng";
import { u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { accuracy, judge, trainEvaluator } from "./evaluator";
import { architectures, weightsOf } from "./evaluator-networks";

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

const learn = (options: Partial<Parameters<typeof trainEvaluator>[1]>) =>
  trainEvaluator(darkAndBright(64, 1), { classes: 2, epochs: 12, seed: 1, ...options });

it.each(architectures)(
  "judge %s learns to tell unseen pictures apart, repeats with its seed and leaves no tensor",
  async (architecture) => {
    await startNodeEngine();
    const before = tf.memory().numTensors;
    const losses: number[] = [];
    const weights = await learn({ architecture, onEpoch: (_, loss) => losses.push(loss) });
    expect(losses.at(-1)).toBeLessThan(losses[0] / 2);
    const unseen = darkAndBright(130, 2);
    const { features, logits } = judge(weights, unseen.images);
    expect(accuracy(logits, unseen.labels)).toBeGreaterThan(0.95);
    expect(features.shape).toEqual([130, 64]); // two batches, 128 and 2
    const short = (seed: number) => learn({ architecture, epochs: 2, seed });
    const once = await short(1);
    expect(await short(1)).toEqual(once);
    expect(await short(2)).not.toEqual(once);
    expect(tf.memory().numTensors).toBe(before);
  },
);

it("judges of the two architectures share no weight, not even at the start", async () => {
  await startNodeEngine();
  const [a, b] = await Promise.all(
    architectures.map((architecture) => learn({ architecture, epochs: 0 })),
  );
  expect(a["head.weight"].shape).toEqual(b["head.weight"].shape);
  expect(a["head.weight"]).not.toEqual(b["head.weight"]);
});

it("judges agree with a logit that is the head's of the features, and refuse foreign weights", async () => {
  await startNodeEngine();
  const { images } = darkAndBright(3, 4);
  for (const architecture of architectures) {
    const weights = await learn({ architecture, epochs: 1 });
    const { features, logits } = judge(weights, images);
    const head = weights["head.weight"].data;
    const second = features.data.slice(64, 128).reduce((sum, x, i) => sum + x * head[2 * i + 1], 0);
    expect(logits.data[3]).toBeCloseTo(second + weights["head.bias"].data[1], 4);
  }
  expect(() => judge({ other: images }, images)).toThrow(/other are of no evaluator/);
});

it("each architecture has a file of its own", () => {
  expect(architectures.map((name) => weightsOf("judges/x.safetensors", name))).toEqual([
    "judges/x.safetensors",
    "judges/x-b.safetensors",
  ]);
});
