import { fitOnce } from "@tandem/client/testing/fit-once";
import { f32, u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { meanLogitLoss } from "./fd";
import { strategyNamed } from "./registry";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

const log3 = Math.log(3);
const means = () =>
  tf.tensor2d([
    [log3, 0],
    [5, -5],
  ]);
const held = () => tf.tensor1d([1, 0]);

it("is the cross-entropy to the softmax of the class's mean logits, 0 where there are none", () => {
  const loss = tf.tidy(() => meanLogitLoss(tf.zeros([2, 2]), means(), held()).dataSync()[0]);
  // softmax(ln 3, 0) = (3/4, 1/4) against (1/2, 1/2): ln 2; the second row counts as 0
  expect(loss).toBeCloseTo(Math.log(2) / 2, 6);
});

it("has its least value, not minus infinity, where the model says the same", () => {
  const at = (logit: number) =>
    tf.tidy(
      () =>
        meanLogitLoss(
          tf.tensor2d([[logit, 0]]),
          tf.tensor2d([[log3, 0]]),
          tf.tensor1d([1]),
        ).dataSync()[0],
    );
  const least = at(log3);
  // H(3/4, 1/4) = 0.5623
  expect(least).toBeCloseTo(0.5623351, 5);
  expect(at(log3 - 0.5)).toBeGreaterThan(least);
  expect(at(log3 + 0.5)).toBeGreaterThan(least);
  expect(at(100)).toBeGreaterThan(10);
});

it("draws a logit by softmax(o) - softmax(Q̄), over B", () => {
  const gradient = tf.tidy(() => {
    const of = tf.grad((x) => meanLogitLoss(x as tf.Tensor2D, means(), held()));
    return [...of(tf.zeros([2, 2])).dataSync()];
  });
  // (1/2 - 3/4) / 2, (1/2 - 1/4) / 2
  [-0.125, 0.125, 0, 0].forEach((value, i) => {
    expect(gradient[i]).toBeCloseTo(value, 6);
  });
});

it("a client's loss is its own cross-entropy and λ times that to the means it is told", async () => {
  const loss = async (distillation: number) => {
    const { reply } = await fitOnce({
      strategy: strategyNamed("fd").client({
        localEpochs: 1,
        warmUpEpochs: 0,
        logitAdjustment: false,
        distillation,
      }),
      instruction: {
        arrays: { "mean/image": f32([2, 2], [99, 0, 0, 99]), "held/image": u8([2], [1, 1]) },
        meta: {},
      },
    });
    expect(reply.update.arrays["mean/image"].shape).toEqual([2, 2]);
    return reply.metrics.loss ?? 0;
  };
  // Means that are sure of their own class ask for what the labels ask for.
  expect(await loss(2)).toBeCloseTo(3 * (await loss(0)), 4);
});
