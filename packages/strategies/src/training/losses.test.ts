import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import golden from "../../fixtures/aggregation-golden.json";
import { logPrior, taskLoss } from "./client-steps";
import {
  crossEntropy,
  gatedDistillation,
  interModalContrast,
  intraModalContrast,
  weightedCrossEntropy,
} from "./losses";

beforeAll(async () => {
  await startNodeEngine();
});

const rows = (values: readonly number[][]) => tf.tensor2d(values.map((row) => [...row]));
const labels = () => tf.tensor1d(golden.y, "int32");
const numberOf = (loss: () => tf.Scalar) => tf.tidy(() => loss().dataSync()[0]);
const z = golden.z[golden.client];

describe("client losses agree with the independent implementation", () => {
  it("gated distillation", () => {
    const loss = numberOf(() =>
      gatedDistillation(
        rows(golden.logits[golden.client]),
        rows(golden.Ybar),
        labels(),
        tf.tensor1d(golden.q),
        golden.T,
      ),
    );
    expect(Math.abs(loss - golden.L_KD)).toBeLessThan(1e-5);
  });

  it("inter-modal contrast", () => {
    const positives = golden.y.map((a) => golden.y.map((b) => (a === b ? 1 : 0)));
    const loss = numberOf(() =>
      interModalContrast(rows(z), rows(golden.g_txt), rows(positives), 0.5),
    );
    expect(Math.abs(loss - golden.L_inter)).toBeLessThan(1e-5);
  });

  it("intra-modal contrast", () => {
    const loss = numberOf(() =>
      intraModalContrast(rows(z), rows(golden.Zbar), rows(golden.z_old), 0.5),
    );
    expect(Math.abs(loss - golden.L_intra)).toBeLessThan(1e-5);
  });
});

it("cross-entropy of even logits is log C", () => {
  const loss = numberOf(() => crossEntropy(rows([[0, 0, 0]]), tf.tensor1d([1], "int32")));
  expect(loss).toBeCloseTo(Math.log(3), 6);
});

it("weights choose the rows, and smoothing moves mass to the other classes", () => {
  const loss = (weights: readonly number[]) =>
    numberOf(() =>
      weightedCrossEntropy(
        rows([
          [Math.log(3), 0],
          [5, -5],
        ]),
        tf.tensor1d([0, 1], "int32"),
        tf.tensor1d([...weights]),
        0.2,
      ),
    );
  // logits (ln 3, 0): p = (3/4, 1/4); target (0.9, 0.1).
  expect(loss([0.5, 0])).toBeCloseTo(-0.9 * Math.log(0.75) - 0.1 * Math.log(0.25), 5);
  expect(loss([0, 0])).toBe(0);
});

it("logit adjustment lets an uneven client's model be even", () => {
  // Labels 0, 0, 0, 1 of 3 classes, one more sample each: π = (4/7, 2/7, 1/7).
  const prior = logPrior([0, 0, 0, 1], 3);
  expect([...prior].map(Math.exp)).toEqual([4 / 7, 2 / 7, 1 / 7].map((p) => expect.closeTo(p, 6)));
  // Equal logits then say π: the loss of label 0 is -log(4/7).
  const batch = { labels: tf.tensor1d([0], "int32"), indices: Int32Array.of(0) };
  const loss = numberOf(() =>
    taskLoss({ text: prior })({ z: {}, logits: { text: rows([[0, 0, 0]]) } }, batch),
  );
  expect(loss).toBeCloseTo(-Math.log(4 / 7), 5);
});

it("distillation has a gradient, which is nothing where the gate is shut", () => {
  const gradient = tf.tidy(() => {
    const loss = (logits: tf.Tensor) =>
      gatedDistillation(
        logits as tf.Tensor2D,
        rows(golden.Ybar),
        labels(),
        tf.tensor1d(golden.q),
        golden.T,
      );
    return tf.grad(loss)(rows(golden.logits[golden.client])).arraySync() as number[][];
  });
  golden.gate.forEach((open, i) => {
    expect(gradient[i].some((value) => value !== 0)).toBe(open === 1);
  });
});
