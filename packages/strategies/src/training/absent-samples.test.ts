import type { LabelledSet } from "@tandem/core/data";
import { withoutMasked } from "@tandem/core/presence";
import { createRng } from "@tandem/core/rng";
import { f32, u8 } from "@tandem/core/tensor";
import { createTokenizer } from "@tandem/core/tokenizer";
import { startNodeEngine } from "@tandem/engine/node";
import { createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { classMeans } from "../aggregation/class-means";
import { arcFace } from "../fedktl/losses";
import { prototypeLoss } from "../fedproto";
import { logPriors, taskLoss } from "./client-steps";
import { towardsMeans } from "./towards-means";

beforeAll(async () => {
  await startNodeEngine();
});

const ln3 = Math.log(3);
const logits = [
  [ln3, 0],
  [0, 0],
  [5, -5],
];
const labels = () => tf.tensor1d([0, 1, 1], "int32");
const present = () => ({ text: tf.tensor1d([1, 1, 0]) });
const indices = Int32Array.of(0, 1, 2);

it("a head's loss and gradient are those of the samples that have its modality", () => {
  const loss = (image: tf.Tensor, text: tf.Tensor) =>
    taskLoss()(
      { z: {}, logits: { image: image as tf.Tensor2D, text: text as tf.Tensor2D } },
      { labels: labels(), indices, present: present() },
    );
  tf.tidy(() => {
    const rows = tf.tensor2d(logits);
    // Text: the mean of -log 3/4 and log 2; image: of those and 10.
    const [first, second] = [-Math.log(0.75), Math.log(2)];
    const expected = (first + second) / 2 / 2 + (first + second + 10.00005) / 3 / 2;
    expect(loss(rows, rows).dataSync()[0]).toBeCloseTo(expected, 4);
    const [toImage, toText] = tf
      .grads(loss)([rows, tf.tensor2d(logits)]) // one tensor twice would get both gradients
      .map((g) => g.arraySync() as number[][]);
    expect(toText[2].map(Math.abs)).toEqual([0, 0]);
    // (p - y) / 2 samples / 2 heads: p = (3/4, 1/4), y = (1, 0).
    expect(toText[0]).toEqual([expect.closeTo(-1 / 16, 5), expect.closeTo(1 / 16, 5)]);
    expect(toImage[2][0]).toBeGreaterThan(0.1);
  });
});

it.each<[string, (rows: tf.Tensor) => tf.Scalar]>([
  [
    "class means",
    (rows) => {
      const told = { text: { means: tf.tensor2d([1, 2, 3, 4], [2, 2]), held: tf.ones([2]) } };
      const batch = { labels: labels(), present: present() };
      const own = { text: rows as tf.Tensor2D };
      return towardsMeans(own, batch, told as Parameters<typeof towardsMeans>[2], prototypeLoss);
    },
  ],
  [
    "ArcFace",
    (rows) => arcFace(rows as tf.Tensor2D, labels(), { scale: 4, present: present().text }),
  ],
])("%s draw nothing from a sample that is absent", (_, loss) => {
  const gradient = tf.tidy(() => tf.grad(loss)(tf.tensor2d(logits)).arraySync() as number[][]);
  expect(gradient.map((row) => row.some((value) => value !== 0))).toEqual([true, true, false]);
});

it("class means and priors leave out what is absent", () => {
  const rows = f32([3, 2], [1, 2, 3, 4, 100, 100]);
  const mask = { text: Uint8Array.of(1, 1, 0) };
  const means = classMeans({ image: rows, text: rows }, [0, 1, 1], 2, { present: mask });
  expect([...means["mean/text"].data]).toEqual([1, 2, 3, 4]);
  expect([...means["mean/image"].data]).toEqual([1, 2, 51.5, 52]);
  const none = classMeans({ text: rows }, [0, 1, 1], 2, {
    present: { text: Uint8Array.of(0, 1, 0) },
  });
  expect([...none["held/text"].data]).toEqual([0, 1]);
  const set = withoutMasked(
    {
      size: 3,
      labels: Int32Array.of(0, 1, 1),
      images: u8([3, 1, 1, 3], Array(9).fill(9)),
      captions: ["a", "b", "c"],
    },
    mask,
  );
  const { image, text } = logPriors(set, 2);
  // One more of each class: image 2/5 and 3/5, text 2/4 and 2/4.
  expect(Array.from(image ?? [], Math.exp)).toEqual([0.4, 0.6].map((p) => expect.closeTo(p, 6)));
  expect(Array.from(text ?? [], Math.exp)).toEqual([0.5, 0.5].map((p) => expect.closeTo(p, 6)));
});

it("a client whose captions are all absent trains its pictures alone", async () => {
  const rng = createRng(1);
  const pairs: LabelledSet = {
    size: 16,
    labels: Int32Array.from({ length: 16 }, (_, i) => i % 2),
    images: u8(
      [16, 8, 8, 3],
      Uint8Array.from({ length: 16 * 192 }, () => rng.integer(256)),
    ),
    captions: Array.from({ length: 16 }, (_, i) => (i % 2 ? "bright" : "dark")),
  };
  const tokenizer = createTokenizer({ words: ["bright", "dark"], buckets: 2 });
  const trainer = createTrainer({ tokenizer });
  const options = { classes: 2, vocabularySize: tokenizer.size, imageSize: 8, seed: 1 };
  const trained = async (set: LabelledSet) => {
    const model = createModel({ ...options, architecture: "dual-mlp-bag" });
    const before = await model.weights();
    const training = { epochs: 2, batchSize: 5, learningRate: 0.01, rng: createRng(2) };
    await trainer.train({ model, set, ...training, loss: taskLoss() });
    const after = await model.weights();
    model.dispose();
    const moved = (name: string) => String(before[name].data) !== String(after[name].data);
    return { moved, after };
  };
  const silent = withoutMasked(pairs, { text: new Uint8Array(16) });
  const { moved, after } = await trained(silent);
  expect(moved("image.head.weight")).toBe(true);
  for (const name of Object.keys(after).filter((name) => name.startsWith("text.")))
    expect([name, moved(name)]).toEqual([name, false]);
  expect((await trained(pairs)).moved("text.head.weight")).toBe(true);
});
