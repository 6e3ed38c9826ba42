import { clientId } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import type { ServerEnv, Update } from "@tandem/core/strategy";
import { f32, u8 } from "@tandem/core/tensor";
import { expectUpload } from "@tandem/core/testing/expect-upload";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { contrastLoss } from "./creamfl";
import { strategyNamed } from "./registry";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

const server = strategyNamed("creamfl").server({});

/** Two items of one class: an item's only positive is itself all the same. */
const state: Payload = {
  arrays: {
    images: u8([2, 1, 1, 3], [1, 2, 3, 4, 5, 6]),
    "g/image": f32([2, 2], [0.6, 0.8, 0.6, 0.8]),
    "g/text": f32([2, 2], [1, 0, 0, 1]),
  },
  meta: { set: 5, classes: 3, prompts: ["a", "b"], captions: ["a", "b"], labels: [0, 0] },
};
const upload = (id: string, rows: readonly number[]): Update => ({
  client: { id: clientId(id), modality: "image", architecture: "any", samples: 1 },
  age: 0,
  payload: { arrays: { "z/image": f32([2, 2], rows) }, meta: { set: 5 } },
});
const conclude = async (updates: readonly Update[]) => {
  const sum = updates.reduce<Payload | undefined>((a, one) => server.accumulate(a, one), undefined);
  const step = await server.conclude(state, sum ?? state, {} as ServerEnv);
  return step.state.arrays["fused/image"].data;
};

describe("the server's mean", () => {
  it("weighs by the softmax over clients of how well each matches the other modality", async () => {
    const fused = await conclude([upload("a", [1, 0, 1, 0]), upload("b", [0, 1, 0, 1])]);
    // Item 0: s_a = 1 - log(e + 1), s_b = 0 - log(1 + e): weights e/(e + 1) and 1/(e + 1).
    const [more, less] = [Math.E / (Math.E + 1), 1 / (Math.E + 1)];
    [more, less, less, more].forEach((value, i) => {
      expect(fused[i]).toBeCloseTo(value, 6);
    });
  });

  it("is not brought to unit length; alone a client stands as it is, without any the server does", async () => {
    const half = await conclude([upload("a", [1, 0, 1, 0]), upload("b", [-1, 0, -1, 0])]);
    // Item 0: dots (1, 0) and (-1, 0): s_a = 1 - log(e + 1), s_b = -1 - log(1/e + 1)
    const [a, b] = [Math.E / (Math.E + 1), 1 / Math.E / (1 / Math.E + 1)];
    expect(half[0]).toBeCloseTo((a - b) / (a + b), 6);
    expect([...(await conclude([upload("a", [0, 1, 1, 0])]))]).toEqual([0, 1, 1, 0]);
    const text = { ...upload("t", [0, 1, 1, 0]) };
    const { "z/image": rows } = text.payload.arrays;
    const reader: Update = {
      client: { ...text.client, modality: "text" },
      age: 0,
      payload: { arrays: { "z/text": rows }, meta: { set: 5 } },
    };
    const own = await conclude([reader]);
    [0.6, 0.8, 0.6, 0.8].forEach((value, i) => {
      expect(own[i]).toBeCloseTo(value, 6);
    });
  });
});

it("an upload is about the open set, and of unit rows", () => {
  const check = (rows: readonly number[], set: number) => () => {
    const { client, payload } = upload("a", rows);
    expectUpload(server, state, client, { ...payload, meta: { set } });
  };
  expect(check([1, 0, 0, -1], 5)).not.toThrow();
  expect(check([1, 0, 0, -1], 4)).toThrow(/set is 4, not 5/);
  expect(check([1, 0, 0, 0.9], 5)).toThrow(/norm 0.9/);
});

it("a client's contrast is its weights times both losses, with the item itself as positive", () => {
  const weights = { interModal: 2, intraModal: 3, contrastTemperature: 1 };
  const loss = tf.tidy(() => {
    const rows = (values: readonly number[]) => tf.tensor2d([...values], [values.length / 2, 2]);
    const told = {
      g: { image: rows([0, 1, 1, 0]), text: rows([1, 0, 0, 1]) },
      old: { image: rows([1, 0, 0, 1]) },
    };
    // Item 1 of the set: z = (0, 1) of a picture.
    const output = { z: { image: rows([0, 1]) } };
    return contrastLoss(weights, told, output, { indices: Int32Array.of(1) }).dataSync()[0];
  });
  // Inter: dots to the captions (0, 1): -log(e / (1 + e)).
  // Intra: towards g_1 = (1, 0): 0; away from its past (0, 1): 1: -log(1 / (1 + e)).
  expect(loss).toBeCloseTo(2 * Math.log(1 + 1 / Math.E) + 3 * Math.log(1 + Math.E), 5);
});
