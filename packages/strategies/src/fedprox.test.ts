import { createTestModel, fitOnce, labels, pictures } from "@tandem/client/testing/fit-once";
import type { Arrays } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { fedavg } from "./fedavg";
import { fedprox } from "./fedprox";
import { strategyNamed } from "./registry";
import { taskLoss } from "./training/client-steps";
import { proximalTerm } from "./training/losses";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

describe("the proximal term", () => {
  it("is μ/2 ‖w - w_global‖², with the gradient μ (w - w_global)", () => {
    const [value, gradient] = tf.tidy(() => {
      const term = (w: tf.Tensor) =>
        proximalTerm([w, tf.scalar(2)], [tf.tensor1d([0.5, 0]), tf.scalar(1)], 0.1);
      const w = tf.tensor1d([1, -2]);
      return [term(w).dataSync()[0], [...tf.grad(term)(w).dataSync()]];
    });
    // 0.05 (0.5² + 2² + 1²) = 0.2625; 0.1 · (0.5, -2)
    expect(value).toBeCloseTo(0.2625, 6);
    expect(gradient).toEqual([expect.closeTo(0.05, 6), expect.closeTo(-0.2, 6)]);
  });

  it("adds μ (w - w_global) to the cross-entropy's gradient in every weight of a model", () => {
    const mu = 0.5;
    const model = createTestModel(3);
    const other = createTestModel(4);
    tf.tidy(() => {
      const variables = Object.values(model.variables);
      const global = Object.values(other.variables);
      const image: tf.Tensor4D = tf.div(tf.tensor4d(pictures().data, [6, 8, 8, 3], "float32"), 255);
      const batch = { image, labels: tf.tensor1d(labels, "int32"), indices: Int32Array.of() };
      const task = () => taskLoss()(model.forward(batch), batch);
      const plain = tf.variableGrads(task, variables).grads;
      const both = tf.variableGrads(
        () => tf.add(task(), proximalTerm(variables, global, mu)),
        variables,
      ).grads;
      for (const [i, w] of variables.entries()) {
        // The task has no gradient for the projector.
        const alone = plain[w.name] ?? tf.zerosLike(w);
        const added = tf.mul(mu, tf.sub(w, global[i]));
        const error = tf.max(tf.abs(tf.sub(both[w.name], tf.add(alone, added))));
        expect(error.dataSync()[0]).toBeLessThan(1e-5);
      }
    });
    model.dispose();
    other.dispose();
  });
});

describe("a client", () => {
  const steps = { localEpochs: 6, warmUpEpochs: 0, batchSize: 6, learningRate: 0.01 };
  let mean: Arrays;
  beforeAll(async () => {
    const model = createTestModel(9);
    mean = await model.weights();
    model.dispose();
  });
  const trained = async (name: string, config = {}) => {
    const strategy = strategyNamed(name).client({ ...steps, ...config });
    const { reply } = await fitOnce({ strategy, instruction: { arrays: mean, meta: {} } });
    return reply.update.arrays;
  };
  const distance = (arrays: Arrays) =>
    Object.entries(arrays).reduce((sum, [name, { data }]) => {
      const moves = Float64Array.from(data, (value, i) => value - mean[name].data[i]);
      return sum + Math.hypot(...moves) ** 2;
    }, 0);

  it("without the term is FedAvg's, bit by bit", async () => {
    expect(await trained("fedprox", { proximal: 0 })).toEqual(await trained("fedavg"));
  });

  it("stays the closer to what it was sent, the heavier the term", async () => {
    const [none, light, heavy] = [
      distance(await trained("fedprox", { proximal: 0 })),
      distance(await trained("fedprox", { proximal: 0.1 })),
      distance(await trained("fedprox", { proximal: 10 })),
    ];
    expect(light).toBeLessThan(none);
    expect(heavy).toBeLessThan(light);
  });
});

it("the server is FedAvg's own", () => {
  expect(fedprox.server).toBe(fedavg.server);
  expect(fedprox.needs.equalArchitectures).toBe(true);
});
