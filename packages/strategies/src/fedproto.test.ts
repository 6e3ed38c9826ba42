import { fitOnce } from "@tandem/client/testing/fit-once";
import { f32, u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { nearest, prototypeLoss } from "./fedproto";
import { strategyNamed } from "./registry";
import { towardsMeans } from "./training/towards-means";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

const loss = (modalities: readonly ("image" | "text")[]) => {
  const rows = () =>
    tf.tensor2d([
      [1, 0],
      [0, 1],
      [1, 1],
    ]);
  const means = tf.tensor2d([
    [0, 0],
    [9, 9],
    [1, 3],
  ]);
  const told = { image: { means, held: tf.tensor1d([1, 0, 1]) } };
  const own = Object.fromEntries(modalities.map((modality) => [modality, rows()]));
  return towardsMeans(own, { labels: tf.tensor1d([0, 1, 2], "int32") }, told, prototypeLoss);
};

it("is the mean of squares to the prototype of the class, and 0 where there is none", () => {
  // ((1² + 0²) + 0, as class 1 has no prototype, + (0² + 2²)) / (3·2) = 5/6
  expect(tf.tidy(() => loss(["image"]).dataSync()[0])).toBeCloseTo(5 / 6, 6);
  // Only modalities that have prototypes count.
  expect(tf.tidy(() => loss(["image", "text"]).dataSync()[0])).toBeCloseTo(5 / 6, 6);
  expect(tf.tidy(() => loss(["text"]).dataSync()[0])).toBe(0);
});

it("draws a row by 2 (z - P) / (B·d)", () => {
  const gradient = tf.tidy(() => {
    const of = tf.grad((x) =>
      prototypeLoss(x as tf.Tensor2D, tf.tensor2d([[0.5, -1]]), tf.tensor1d([1])),
    );
    return [...of(tf.tensor2d([[1, 0]])).dataSync()];
  });
  // 2 (1 - 0.5) / 2 and 2 (0 + 1) / 2
  expect(gradient).toEqual([0.5, 1]);
});

it("the nearest prototype is sought among those that are held", () => {
  const prototypes = [
    [0, 0],
    [1, 1],
    [0.9, 0.9],
  ];
  expect(nearest([1, 0.8], prototypes, [1, 1, 1])).toBe(2);
  expect(nearest([1, 0.8], prototypes, [1, 1, 0])).toBe(1);
  expect(nearest([1, 0.8], prototypes, [1, 0, 0])).toBe(0);
});

it("a client's loss is its own cross-entropy and λ times that to the prototypes it is told", async () => {
  const loss = async (prototypeWeight: number) => {
    const { reply } = await fitOnce({
      strategy: strategyNamed("fedproto").client({
        localEpochs: 1,
        warmUpEpochs: 0,
        prototypeWeight,
      }),
      instruction: {
        arrays: {
          "mean/image": f32([2, 64], new Float32Array(128)),
          "held/image": u8([2], [1, 1]),
        },
        meta: {},
      },
    });
    // It has too few samples of either class for a mean to leave it.
    expect(reply.update.arrays["held/image"]).toEqual(u8([2], [0, 0]));
    return reply.metrics.loss ?? 0;
  };
  // Unit rows against prototypes of zeros: a mean square of 1/64 over the 64 dimensions.
  expect((await loss(64)) - (await loss(0))).toBeCloseTo(1, 4);
});
