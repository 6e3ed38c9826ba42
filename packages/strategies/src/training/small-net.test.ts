import { createRng } from "@tandem/core/rng";
import { type Arrays, f32 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import { tensorsOf } from "@tandem/engine/tensors";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { frozen, initialNet, optimise, runFrozen, runNet } from "./small-net";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

const net: Arrays = {
  weight1: f32([1, 1], [2]),
  bias1: f32([1], [1]),
  scale: f32([1], [3]),
  shift: f32([1], [1]),
  weight2: f32([1, 1], [5]),
  bias2: f32([1], [-1]),
};
const rows = () => tf.tensor2d([[0], [1]]);
const valuesOf = (run: () => tf.Tensor) => tf.tidy(() => [...run().dataSync()]);
const { signal } = new AbortController();

it("normalises its hidden layer over the rows, and as it was frozen over any others", async () => {
  // hidden 1 and 3, of mean 2 and variance 1: -1 and 1; times 3 plus 1: -2 and 4; ReLU; times 5 minus 1
  const asTrained = valuesOf(() => runNet(tensorsOf(net), rows()));
  const folded = await frozen(net, () => tf.tidy(rows));
  const asFrozen = valuesOf(() => runFrozen(tensorsOf(folded), tf.tensor2d([[0], [1], [2]])));
  [-1, 19].forEach((value, i) => {
    expect(asTrained[i]).toBeCloseTo(value, 3);
    expect(asFrozen[i]).toBeCloseTo(value, 3);
  });
  // hidden 5: (5 - 2) · 3 + 1 = 10
  expect(asFrozen[2]).toBeCloseTo(49, 2);
});

it("starts within one over the root of a layer's inputs", () => {
  const { weight1, weight2, scale } = initialNet(
    { inputs: 4, hidden: 100, outputs: 2 },
    createRng(1),
  );
  const largest = ({ data }: { data: ArrayLike<number> }) =>
    Math.max(...Array.from(data, Math.abs));
  expect(weight1.shape).toEqual([4, 100]);
  expect(largest(weight1)).toBeLessThan(0.5);
  expect(largest(weight1)).toBeGreaterThan(0.48);
  expect(largest(weight2)).toBeLessThan(0.1);
  expect([...scale.data]).toEqual(new Array(100).fill(1));
});

it("the first step of Adam moves a variable by its rate; the least loss is found; nothing leaks", async () => {
  const before = tf.memory().numTensors;
  const start = { w: f32([1], [0]) };
  const loss = ({ w }: Readonly<Record<string, tf.Tensor>>) =>
    tf.sum(tf.square(tf.sub(w, 3))) as tf.Scalar;
  const losses: number[] = [];
  const onStep = (_: number, value: number) => losses.push(value);
  const one = await optimise(start, { steps: 1, learningRate: 0.5, loss, signal, onStep });
  expect(one.w.data[0]).toBeCloseTo(0.5, 5);
  expect(losses).toEqual([9]);
  const many = await optimise(start, { steps: 200, learningRate: 0.1, loss, signal });
  expect(many.w.data[0]).toBeCloseTo(3, 2);
  await expect(
    optimise(start, { steps: 1, learningRate: 0.1, loss, signal: AbortSignal.abort() }),
  ).rejects.toMatchObject({ code: "cancelled" });
  expect(tf.memory().numTensors).toBe(before);
});
