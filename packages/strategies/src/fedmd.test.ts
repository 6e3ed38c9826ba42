import { about, fitOnce } from "@tandem/client/testing/fit-once";
import { withAllSteps } from "@tandem/coordinator/steps";
import { clientId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import type { Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ServerEnv, Update } from "@tandem/core/strategy";
import { arrayOf, f32, u8 } from "@tandem/core/tensor";
import { expectUpload } from "@tandem/core/testing/expect-upload";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { absoluteError } from "./fedmd";
import { strategyNamed } from "./registry";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

describe("the server", () => {
  const server = withAllSteps(strategyNamed("fedmd").server({}));
  const state: Payload = {
    arrays: { images: u8([2, 1, 1, 3], [1, 2, 3, 4, 5, 6]) },
    meta: { set: 4, classes: 2, prompts: ["a", "b"], captions: ["a", "b"], labels: [0, 1] },
  };
  const said = (
    id: string,
    arrays: Readonly<Partial<Record<"image" | "text", readonly number[]>>>,
  ): Update => ({
    client: {
      id: clientId(id),
      modality: arrays.image && arrays.text ? "image-text" : arrays.image ? "image" : "text",
      architecture: "any",
      samples: id.length * 1000,
    },
    age: 0,
    payload: {
      arrays: Object.fromEntries(
        Object.entries(arrays).map(([name, rows]) => [name, f32([2, 2], rows)]),
      ),
      meta: { set: 4 },
    },
  });
  const conclude = (updates: readonly Update[]) => {
    const sum = updates.reduce<Payload | undefined>((a, b) => server.accumulate(a, b), undefined);
    return server.conclude(state, sum as Payload, {} as ServerEnv);
  };

  it("averages logits over the clients that have the modality, all alike", async () => {
    const { state: after, metrics } = await conclude([
      said("a", { image: [3, 1, 0, -4] }),
      said("bb", { image: [1, 2, 0, 0], text: [5, 0, 0, 7] }),
    ]);
    // (3 + 1) / 2, (1 + 2) / 2, 0, (-4 + 0) / 2
    expect([...after.arrays["knowledge/image"].data]).toEqual([2, 1.5, 0, -2]);
    expect([...after.arrays["knowledge/text"].data]).toEqual([5, 0, 0, 7]);
    // Of the pictures the first alone is seen as prompted.
    expect(metrics).toEqual({ "pictures/agreement": 0.5, "captions/agreement": 1 });
    const items = server.gallery?.(after)?.items ?? [];
    // softmax(2, 1.5) and softmax(0, -2): 1 / (1 + e^-0.5), 1 / (1 + e^-2)
    expect(items.map(({ verdict }) => verdict)).toEqual([
      { label: 0, confidence: expect.closeTo(0.622459, 6) },
      { label: 0, confidence: expect.closeTo(0.880797, 6) },
    ]);
  });

  it("sends with the next set what is known of the last, and of the client's modalities alone", async () => {
    const { state: after } = await conclude([said("bb", { image: [1, 2, 0, 0] })]);
    const next = await server.prepare(after, {
      round: 5,
      classes: ["x", "y"],
      teacher: {
        publicSet: { prompts: ["p", "q"], captions: ["p", "q"], labels: [0, 1] },
        generate: async ({ prompts }: { prompts: readonly string[] }) =>
          u8([prompts.length, 1, 1, 3], new Uint8Array(prompts.length * 3)),
      },
      rng: createRng(1),
    } as unknown as ServerEnv);
    const told = (update: Update) => server.instruct(next.state, update.client);
    const viewer = told(said("a", { image: [0, 0, 0, 0] }));
    expect(Object.keys(viewer.arrays).sort()).toEqual(["image", "images"]);
    expect([viewer.meta.set, viewer.meta.knowledgeOf]).toEqual([5, 4]);
    expect(Object.keys(told(said("a", { text: [0, 0, 0, 0] })).arrays)).toEqual([]);
  });

  it("takes logits to ±1024", () => {
    const check = (value: number) => {
      const { client, payload } = said("a", { image: [0, value, 0, 0] });
      expectUpload(server, state, client, payload);
    };
    expect(() => check(-1024)).not.toThrow();
    for (const value of [1025, -1e9, Number.NaN]) expect(() => check(value)).toThrow(/±1024/);
  });
});

it("a client's error is the mean of |o - f̄|, with the gradient sign(o - f̄) / (B C)", () => {
  const [value, gradient] = tf.tidy(() => {
    const target = tf.tensor2d([[1, 1, 1]]);
    const loss = (logits: tf.Tensor) => absoluteError(logits as tf.Tensor2D, target);
    const logits = tf.tensor2d([[3, 0.5, -2]]);
    return [loss(logits).dataSync()[0], [...tf.grad(loss)(logits).dataSync()]];
  });
  expect(value).toBeCloseTo((2 + 0.5 + 3) / 3, 6);
  expect(gradient).toEqual([1 / 3, -1 / 3, -1 / 3].map((g) => expect.closeTo(g, 6)));
});

describe("a client", () => {
  const config = {
    localEpochs: 0,
    warmUpEpochs: 0,
    learningRate: 0.01,
    pretrainingEpochs: 0,
    transferEpochs: 20,
  };
  const client = (more: JsonObject = {}) => strategyNamed("fedmd").client({ ...config, ...more });
  const target = f32([6, 2], [2, -1, 0, 1, 1, 1, -2, 0, 0, 0, 1, 2]);
  const second = (knowledgeOf: number) =>
    about(2, { arrays: { image: target }, meta: { knowledgeOf } });
  const answers = (update: Payload) => arrayOf(update.arrays, "image", "f32").data;
  const errorOf = (update: Payload) =>
    answers(update).reduce((sum, o, i) => sum + Math.abs(o - target.data[i]), 0) / 12;

  it("digests what is known of the last set, which it has kept", async () => {
    const first = await fitOnce({ strategy: client(), instruction: about(1) });
    const before = first.context;
    const next = await fitOnce({ strategy: client(), instruction: second(1), before, round: 2 });
    // Asked about the first set again, it is nearer to what it was told.
    const asked = { strategy: client(), instruction: about(1), before: next.context, round: 3 };
    const again = await fitOnce(asked);
    expect(errorOf(again.reply.update)).toBeLessThan(errorOf(first.reply.update) / 2);
  });

  it("changes nothing for knowledge of a set that it has not seen", async () => {
    const { context } = await fitOnce({ strategy: client(), instruction: about(1) });
    const next = await fitOnce({ strategy: client(), instruction: second(7), before: context });
    expect(next.context.weights).toEqual(context.weights);
  });

  it("is pre-trained on the prompts' labels in its first round alone", async () => {
    const run = (pretrainingEpochs: number) =>
      fitOnce({
        strategy: client({ pretrainingEpochs }),
        instruction: about(1),
      });
    const [never, often] = [await run(0), await run(30)];
    const right = (update: Payload) => {
      const o = answers(update);
      return [0, 1, 2, 3, 4, 5].filter((i) => o[2 * i + (i % 2)] > o[2 * i + 1 - (i % 2)]).length;
    };
    expect(right(never.reply.update)).toBeLessThan(6);
    expect(right(often.reply.update)).toBe(6);
    const { context } = await fitOnce({
      strategy: client({ pretrainingEpochs: 30 }),
      instruction: about(2),
      before: never.context,
      round: 2,
    });
    expect(context.weights).toEqual(never.context.weights);
  });
});
