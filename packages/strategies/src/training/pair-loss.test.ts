import type { LabelledSet } from "@tandem/core/data";
import { withoutMasked } from "@tandem/core/presence";
import { createRng } from "@tandem/core/rng";
import { u8 } from "@tandem/core/tensor";
import { createTokenizer } from "@tandem/core/tokenizer";
import { startNodeEngine } from "@tandem/engine/node";
import { createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { localLoss } from "./client-steps";
import { pairLoss } from "./pair-loss";

beforeAll(async () => {
  await startNodeEngine();
});

const colours = ["red", "green", "blue"];
const pairs: LabelledSet = {
  size: 12,
  labels: Int32Array.from({ length: 12 }, (_, i) => i % 2),
  images: u8(
    [12, 8, 8, 3],
    Uint8Array.from({ length: 12 * 192 }, (_, at) =>
      at % 3 === Math.floor(at / 192) % 3 ? 250 : 20,
    ),
  ),
  captions: Array.from({ length: 12 }, (_, i) => colours[i % 3]),
};
const tokenizer = createTokenizer({ words: colours, buckets: 2 });
const modelFor = (task: "classification" | "retrieval" | "both") =>
  createModel({
    architecture: "dual-mlp-bag",
    classes: 2,
    vocabularySize: tokenizer.size,
    imageSize: 8,
    seed: 1,
    task,
  });

const rows = (values: readonly number[][]) => tf.tensor2d(values.map((row) => [...row]));
const labels = () => tf.tensor1d([0, 0], "int32");

it("is the cross-entropy of pictures and captions both ways, at the model's temperature", () => {
  const logTemperature = tf.tidy(() => tf.variable(tf.tensor1d([Math.log(0.5)])));
  const variables = { "retrieval.logTemperature": logTemperature };
  const lossOf = (data: LabelledSet, indices: number[]) =>
    tf.tidy(() => {
      const [right, up] = [
        [1, 0],
        [0, 1],
      ];
      const z = { image: rows([right, up]), text: rows([right, right]) };
      const batch = { labels: labels(), indices: Int32Array.from(indices) };
      return pairLoss({ variables }, data)({ z, logits: {} }, batch).dataSync()[0];
    });
  // Scores z·z'/0.5: [[2, 2], [0, 0]]. By picture: log 2 twice. By caption: -log σ(2) and -log σ(-2).
  const softplus = (x: number) => Math.log(1 + Math.exp(x));
  const expected = (Math.log(2) + (softplus(-2) + softplus(2)) / 2) / 2;
  expect(lossOf(pairs, [0, 1])).toBeCloseTo(expected, 5);
  // Rows 0 and 3 are both "red": all are right.
  expect(lossOf(pairs, [0, 3])).toBeCloseTo(0, 5);
  // One pair is nothing to choose from.
  expect(
    lossOf(withoutMasked(pairs, { text: Uint8Array.of(1, ...Array(11).fill(0)) }), [0, 1]),
  ).toBe(0);
  logTemperature.dispose();
});

it.each(["retrieval", "both"] as const)(
  "a client with the task %s learns which caption is whose, and its temperature",
  async (task) => {
    const before = tf.memory().numTensors;
    const model = modelFor(task);
    const start = await model.weights();
    const loss = localLoss({ model, data: pairs, classes: ["a", "b"] }, { logitAdjustment: true });
    const trainer = createTrainer({ tokenizer });
    const training = { model, set: pairs, batchSize: 6, learningRate: 0.01, loss };
    const early = await trainer.train({ ...training, epochs: 1, rng: createRng(1) });
    const late = await trainer.train({ ...training, epochs: 20, rng: createRng(1) });
    expect(late.loss).toBeLessThan(early.loss * 0.8);
    const { z } = await trainer.predict(model, pairs);
    const nearest = Array.from({ length: 3 }, (_, i) => {
      const score = (j: number) =>
        Array.from({ length: 64 }).reduce<number>(
          (sum, _, k) => sum + (z.image?.data[i * 64 + k] ?? 0) * (z.text?.data[j * 64 + k] ?? 0),
          0,
        );
      return [0, 1, 2].reduce((best, j) => (score(j) > score(best) ? j : best));
    });
    expect(nearest).toEqual([0, 1, 2]);
    const end = await model.weights();
    const moved = (name: string) => String(start[name].data) !== String(end[name].data);
    expect(moved("retrieval.logTemperature")).toBe(true);
    // The class heads are the business of the other task.
    expect(moved("image.head.weight")).toBe(task === "both");
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  },
);

it("a batch without pairs trains nothing, and is no error", async () => {
  const model = modelFor("retrieval");
  const start = await model.weights();
  const silent = withoutMasked(pairs, { text: new Uint8Array(12) });
  const loss = localLoss({ model, data: silent, classes: ["a", "b"] }, { logitAdjustment: false });
  const trainer = createTrainer({ tokenizer });
  const training = { model, set: silent, batchSize: 6, learningRate: 0.01, loss, epochs: 1 };
  expect((await trainer.train({ ...training, rng: createRng(1) })).loss).toBe(0);
  expect(await model.weights()).toEqual(start);
  model.dispose();
});
