import { createRng } from "@tandem/core/rng";
import { u8 } from "@tandem/core/tensor";
import { createTokenizer } from "@tandem/core/tokenizer";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { createModel } from "./registry";
import { createTrainer } from "./trainer";

beforeAll(async () => {
  await startNodeEngine();
});

const size = 20;
const rng = createRng("trainer");
const set = {
  size,
  labels: Int32Array.from({ length: size }, (_, i) => i % 2),
  images: u8(
    [size, 32, 32, 3],
    Array.from({ length: size * 32 * 32 * 3 }, () => rng.integer(256)),
  ),
};
const build = () =>
  createModel({
    architecture: "mlp-image",
    classes: 2,
    vocabularySize: 4,
    imageSize: 32,
    seed: 1,
    task: "classification",
  });

/** Of a device with room for so many samples at a time. */
function roomFor(samples: number) {
  const sizes: number[] = [];
  const smaller: number[] = [];
  const tokenizer = createTokenizer({ words: [], buckets: 2 });
  const trainer = createTrainer({ tokenizer, onSmallerBatch: (limit) => smaller.push(limit) });
  const model = build();
  const run = (batchSize: number) =>
    trainer.train({
      model,
      set,
      epochs: 1,
      batchSize,
      learningRate: 0.001,
      rng: createRng(1),
      loss(output, { labels }) {
        if (labels.size > samples) new ArrayBuffer(2 ** 52); // throws as a full memory does
        sizes.push(labels.size);
        const { image } = output.logits;
        if (!image) throw new Error("no logits");
        return tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 2), image) as tf.Scalar;
      },
    });
  return { run, sizes, smaller, model };
}

test("memory that runs out halves the batch, and every sample has its turn", async () => {
  const { run, sizes, smaller, model } = roomFor(5);
  const tensors = tf.memory().numTensors;
  const { batches } = await run(16);
  expect(smaller).toEqual([8, 4]);
  expect(sizes).toEqual([4, 4, 4, 4, 4]);
  expect(batches).toBe(5);
  expect(tf.memory().numTensors).toBe(tensors);
  await run(16);
  expect(smaller).toEqual([8, 4]); // for good
  model.dispose();
});

test("memory for not even four samples is an error, and so is anything else at once", async () => {
  const { run, smaller, model } = roomFor(0);
  await expect(run(16)).rejects.toThrow(/allocation failed/i);
  expect(smaller).toEqual([8, 4]);
  model.dispose();
});
