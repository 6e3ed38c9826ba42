import { createRng } from "@tandem/core/rng";
import { f32, type TensorOf, u8 } from "@tandem/core/tensor";
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

/** Two numbers a picture: its first two bytes. */
const twoBytes = ({ shape, data }: TensorOf<"u8">) => {
  const stride = data.length / shape[0];
  const rows = Array.from({ length: shape[0] }, (_, i) => [data[i * stride], data[i * stride + 1]]);
  return f32([shape[0], 2], rows.flat());
};

test("a model of features reads a set's own, and asks for those of pictures that have none", async () => {
  const tokenizer = createTokenizer({ words: [], buckets: 2 });
  const asked: number[] = [];
  const featurise = async (images: TensorOf<"u8">) => {
    asked.push(images.shape[0]);
    return twoBytes(images);
  };
  const model = createModel({
    architecture: "backbone-mlp",
    featureSize: 2,
    classes: 2,
    vocabularySize: 4,
    imageSize: 32,
    seed: 1,
  });
  const own = { ...set, features: twoBytes(set.images) };
  const answers = await createTrainer({ tokenizer }).predict(model, own);
  const trainer = createTrainer({ tokenizer, featurise });
  expect(await trainer.predict(model, own)).toEqual(answers);
  expect(asked).toEqual([]);
  expect(await trainer.predict(model, set)).toEqual(answers);
  expect(asked).toEqual([size]);
  await expect(createTrainer({ tokenizer }).predict(model, set)).rejects.toMatchObject({
    code: "bad-config",
  });
  const wide = { ...set, features: f32([size, 3], new Float32Array(3 * size)) };
  await expect(trainer.predict(model, wide)).rejects.toThrow(/3 features each.* reads 2/);
  model.dispose();
});

test.each(["backbone-linear", "own-layers"])("%s is not made of nothing", (architecture) => {
  const options = { classes: 2, vocabularySize: 4, imageSize: 32, seed: 1 };
  expect(() => createModel({ ...options, architecture })).toThrow(/the task has none/);
});
