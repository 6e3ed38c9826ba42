import { createTestModel, fitOnce } from "@tandem/client/testing/fit-once";
import { clientId } from "@tandem/core/ids";
import { emptyPayload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ServerEnv, Update } from "@tandem/core/strategy";
import { type Arrays, addPrefix, f32, underPrefix } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import { tensorsOf } from "@tandem/engine/tensors";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { drawClasses } from "./fedgen";
import { strategyNamed } from "./registry";
import { runFrozen } from "./training/small-net";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

const env = {
  classes: ["a", "b"],
  rng: createRng("fedgen"),
  signal: new AbortController().signal,
  progress: () => {},
} as unknown as ServerEnv; // nothing else is looked at

/** Heads of two features that see class 0 in the first and class 1 in the second. */
const update = (id: string, samples: number, shares: readonly number[], sure: number): Update => ({
  client: { id: clientId(id), modality: "image", architecture: "any", samples },
  age: 0,
  payload: {
    arrays: {
      "image.head.weight": f32([2, 2], [sure, 0, 0, sure]),
      "image.head.bias": f32([2], [0, 0]),
      shares: f32([2], shares),
    },
    meta: {},
  },
});

it("draws each class as often as its share says", () => {
  const drawn = [...drawClasses([0.25, 0, 0.75], 10_000, createRng(1))];
  const count = (c: number) => drawn.filter((label) => label === c).length;
  expect(count(1)).toBe(0);
  // Standard deviation √(10000 · 0.25 · 0.75) = 43
  expect(Math.abs(count(0) - 2500)).toBeLessThan(150);
});

it("the generator makes features in which the mean head sees what was asked for", async () => {
  const server = strategyNamed("fedgen").server({ generatorSteps: 40, generatorWidth: 32 });
  const [one, three] = [update("a", 1, [1, 0], 1), update("b", 3, [0.5, 0.5], 5)];
  const tensors = tf.memory().numTensors;
  const sum = server.accumulate(server.accumulate(undefined, one), three);
  const { state, metrics } = await server.conclude(await server.init(env), sum, env);
  expect(tf.memory().numTensors).toBe(tensors);
  const told = server.instruct(state, one.client).arrays;
  // (1·1 + 3·5) / 4
  expect(told["heads/image.head.weight"]).toEqual(f32([2, 2], [4, 0, 0, 4]));
  const { shares, ...net } = underPrefix("generator/image/", told);
  // (1·1 + 3·0.5) / 4
  expect(shares).toEqual(f32([2], [0.625, 0.375]));
  expect(metrics["loss/generator/image-2"]).toBeLessThan(0.1);

  const rng = createRng("noise");
  const noise = () => Array.from({ length: 32 }, () => rng.uniform());
  const asked = Array.from({ length: 40 }, (_, i) => i % 2);
  const features = tf.tidy(() => {
    const rows = asked.map((label) => [...noise(), 1 - label, label]);
    return runFrozen(tensorsOf(net), tf.tensor2d(rows)).arraySync();
  });
  const seen = features.map(([a, b]) => Number(b > a));
  expect(seen.filter((label, i) => label === asked[i]).length).toBeGreaterThanOrEqual(39);
});

it("a client's loss is its own cross-entropy and that of its head on generated features", async () => {
  const model = createTestModel();
  const weights = await model.weights();
  model.dispose();
  // A head of zeros finds both classes alike: ln 2, of samples as of features.
  const head = {
    "image.head.weight": f32([64, 2], new Float32Array(128)),
    "image.head.bias": f32([2], [0, 0]),
  };
  const net: Arrays = {
    weight1: f32([34, 8], new Float32Array(34 * 8).fill(0.1)),
    bias1: f32([8], new Float32Array(8)),
    weight2: f32([8, 64], new Float32Array(8 * 64).fill(0.1)),
    bias2: f32([64], new Float32Array(64)),
    shares: f32([2], [0, 1]),
  };
  const fit = (generated: number, arrays: Arrays) =>
    fitOnce({
      strategy: strategyNamed("fedgen").client({
        localEpochs: 1,
        warmUpEpochs: 0,
        logitAdjustment: false,
        generated,
      }),
      instruction: { arrays, meta: {} },
    });
  const told = { ...addPrefix("heads/", head), ...addPrefix("generator/image/", net) };
  const { reply, context } = await fit(0.5, told);
  expect(reply.metrics.loss).toBeCloseTo(1.5 * Math.LN2, 5);
  // Three of six samples are of class 1, but all that is generated is.
  const [a, b] = context.weights?.["image.head.bias"].data ?? [];
  expect(b).toBeGreaterThan(a);
  expect([...reply.update.arrays.shares.data]).toEqual([0.5, 0.5]);

  const alone = await fit(0.5, addPrefix("heads/", head));
  expect(alone.reply.metrics.loss).toBeCloseTo(Math.LN2, 5);
  const first = await fitOnce({
    strategy: strategyNamed("fedgen").client({ localEpochs: 0, warmUpEpochs: 0 }),
  });
  expect(first.context.weights).toEqual(weights);
  expect(first.context.memory).toEqual(emptyPayload);
});
