import { u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { createFeaturiser, featuresOf } from "./features";

beforeAll(async () => {
  await startNodeEngine();
});

const pictures = (count: number, first = 0) =>
  u8(
    [count, 2, 2, 3],
    Array.from({ length: count * 12 }, (_, i) => (first + Math.floor(i / 12)) % 256),
  );

/** A picture's mean, `features` times, of a device with room for so many pictures. */
function means(room: number, features = 2) {
  const sizes: number[] = [];
  const run = (images: tf.Tensor4D) => {
    sizes.push(images.shape[0]);
    if (images.shape[0] > room) new ArrayBuffer(2 ** 52); // throws as a full memory does
    const mean = tf.reshape(tf.mean(images, [1, 2, 3]), [-1, 1]);
    return tf.tile(mean, [1, features]) as tf.Tensor2D;
  };
  return { sizes, backbone: { run, features } };
}

it("makes features a batch at a time, smaller ones where memory runs out, and leaves no tensor", async () => {
  const { sizes, backbone } = means(5);
  const before = tf.memory().numTensors;
  const done: number[] = [];
  const { data } = await featuresOf(backbone, pictures(20), { progress: (n) => done.push(n) });
  expect(Array.from(data)).toEqual(Array.from({ length: 40 }, (_, i) => Math.floor(i / 2)));
  expect(sizes).toEqual([16, 8, 4, 4, 4, 4, 4]);
  expect(done).toEqual([4, 8, 12, 16, 20]);
  expect(tf.memory().numTensors).toBe(before);
  await expect(featuresOf(means(0).backbone, pictures(2))).rejects.toThrow(/allocation failed/i);
});

it("stops at a cancel", async () => {
  const abort = new AbortController();
  const running = featuresOf(means(16).backbone, pictures(40), {
    signal: abort.signal,
    progress: () => abort.abort(),
  });
  await expect(running).rejects.toMatchObject({ code: "cancelled" });
});

it("makes the features of the same pictures once, until others took their room", async () => {
  const { sizes, backbone } = means(16);
  const featurise = createFeaturiser(backbone, { mostBytes: 2 * 8 * 8 }); // two sets of 8
  const first = await featurise(pictures(8));
  expect(await featurise(pictures(8, 1))).not.toEqual(first);
  expect(await featurise(pictures(8))).toBe(first); // another object of the same bytes
  expect(sizes).toEqual([8, 8]);
  await featurise(pictures(8, 2)); // in the room of the second, which was asked for longest ago
  expect(await featurise(pictures(8))).toBe(first);
  await featurise(pictures(8, 1));
  expect(sizes).toEqual([8, 8, 8, 8]);
});
