import { about, createTestModel, fitOnce } from "@tandem/client/testing/fit-once";
import { clientId } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import type { ServerEnv, Update } from "@tandem/core/strategy";
import { type Arrays, addPrefix, f32, u8, underPrefix } from "@tandem/core/tensor";
import { expectUpload } from "@tandem/core/testing/expect-upload";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { ensembleLoss } from "./feddf";
import { strategyNamed } from "./registry";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

it("a step of distillation is KL(softmax(f̄) ‖ softmax(o)), with the gradient (p - p̄) / B", () => {
  const [value, gradient] = tf.tidy(() => {
    const mean = tf.tensor2d([
      [Math.log(3), 0],
      [1, 1],
    ]);
    const loss = (logits: tf.Tensor) => ensembleLoss(logits as tf.Tensor2D, mean);
    const logits = tf.tensor2d([
      [0, 0],
      [0, Math.log(4)],
    ]);
    return [loss(logits).dataSync()[0], [...tf.grad(loss)(logits).dataSync()]];
  });
  // p̄ = (3/4, 1/4) against p = (1/2, 1/2): ¾ ln 1.5 + ¼ ln 0.5 = 0.130812;
  // (1/2, 1/2) against (1/5, 4/5): ½ ln 2.5 + ½ ln 0.625 = 0.223144; their mean is 0.176978.
  expect(value).toBeCloseTo(0.176978, 5);
  expect(gradient).toEqual([-0.125, 0.125, -0.15, 0.15].map((g) => expect.closeTo(g, 6)));
});

describe("the server", () => {
  const server = strategyNamed("feddf").server({});
  const state: Payload = {
    arrays: { images: u8([1, 1, 1, 3], [1, 2, 3]) },
    meta: { set: 3, classes: 2, prompts: ["a"], captions: ["a"], labels: [0] },
  };
  const said = (
    architecture: string,
    samples: number,
    weights: readonly number[],
    logits: readonly number[],
  ): Update => ({
    client: { id: clientId("c"), modality: "image", architecture, samples },
    age: 0,
    payload: {
      arrays: { "weights/w": f32([weights.length], weights), image: f32([1, 2], logits) },
      meta: { set: 3 },
    },
  });
  const updates = [
    said("small", 1, [0, 4], [4, 0]),
    said("small", 3, [8, 0], [1, 1]),
    said("wide", 5, [7], [1, -7]),
  ];

  it("averages weights by samples within an architecture, and logits over all alike", async () => {
    const sum = updates.reduce<Payload | undefined>((a, b) => server.accumulate(a, b), undefined);
    const after = (await server.conclude(state, sum as Payload, {} as ServerEnv)).state;
    // (4 + 1 + 1) / 3, (0 + 1 - 7) / 3
    expect([...after.arrays["knowledge/image"].data]).toEqual([2, -2]);
    const told = (update: Update) =>
      underPrefix("weights/", server.instruct(after, update.client).arrays);
    // (1·0 + 3·8) / 4, (1·4 + 3·0) / 4
    expect(told(updates[0])).toEqual({ w: f32([2], [6, 1]) });
    expect(told(updates[2])).toEqual({ w: f32([1], [7]) });
    expect(told(said("new", 1, [1], [0, 0]))).toEqual({});
    for (const update of updates)
      expect(() => expectUpload(server, after, update.client, update.payload)).not.toThrow();
    const { client } = updates[0];
    expect(() => expectUpload(server, after, client, updates[2].payload)).toThrow(
      /w" is f32 \[1\]/,
    );
  });

  it("refuses weights without answers, answers without weights, and meta of its own sums", () => {
    const { client, payload } = updates[0];
    const { image, ...weights } = payload.arrays;
    const check = (arrays: Arrays, meta: Payload["meta"] = payload.meta) =>
      expectUpload(server, state, client, { arrays, meta });
    expect(() => check(payload.arrays)).not.toThrow();
    expect(() => check(weights)).toThrow(/arrays must be \["image"\]/);
    expect(() => check({ image })).toThrow(/no weights/);
    expect(() => check(payload.arrays, { set: 3, weights: {} })).toThrow(/meta must be \["set"\]/);
  });
});

describe("clients of one architecture", () => {
  const config = { localEpochs: 0, warmUpEpochs: 0, learningRate: 0.01, transferEpochs: 3 };
  const rows = [2, -1, 0, 1, 1, 1, -2, 0, 0, 0, 1, 2];

  const mean = async () => {
    const model = createTestModel(9);
    const arrays = await model.weights();
    model.dispose();
    return arrays;
  };
  const secondRound = async (knowledgeOf: number) =>
    about(2, {
      arrays: { ...addPrefix("weights/", await mean()), image: f32([6, 2], rows) },
      meta: { knowledgeOf },
    });
  const after = async (seed: number, knowledgeOf = 1) => {
    const strategy = strategyNamed("feddf").client(config);
    const { context } = await fitOnce({ strategy, seed, instruction: about(1) });
    const instruction = await secondRound(knowledgeOf);
    const { reply } = await fitOnce({
      strategy,
      seed,
      instruction,
      before: context,
      round: 2,
    });
    return underPrefix("weights/", reply.update.arrays);
  };

  it("distil the same model from the mean, whatever they hold and began with", async () => {
    const [one, other] = [await after(3), await after(4)];
    expect(one).toEqual(other);
    expect(one).not.toEqual(await mean());
  });

  it("begin at the mean itself when they have not seen the set", async () => {
    expect(await after(3, 7)).toEqual(await mean());
  });
});
