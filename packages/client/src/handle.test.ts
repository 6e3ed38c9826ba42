import type { LabelledSet } from "@tandem/core/data";
import { clientId } from "@tandem/core/ids";
import { emptyPayload } from "@tandem/core/payload";
import { u8 } from "@tandem/core/tensor";
import { createTokenizer } from "@tandem/core/tokenizer";
import { startNodeEngine } from "@tandem/engine/node";
import { createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import { strategyNamed } from "@tandem/strategies/registry";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { type ClientContext, type ClientHost, handle } from "./handle";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

// Two classes told apart by brightness and by one word.
const set = (size: number): LabelledSet => ({
  size,
  labels: Int32Array.from({ length: size }, (_, i) => i % 2),
  images: u8(
    [size, 8, 8, 3],
    Uint8Array.from({ length: size * 192 }, (_, i) =>
      Math.floor(i / 192) % 2 ? 200 + (i % 50) : i % 50,
    ),
  ),
  captions: Array.from({ length: size }, (_, i) => (i % 2 ? "a bright day" : "a dark night")),
});
const tokenizer = createTokenizer({ words: ["bright", "dark", "day", "night"], buckets: 2 });
const host: ClientHost = {
  strategy: strategyNamed("local").client({ localEpochs: 1, batchSize: 8 }),
  trainer: createTrainer({ tokenizer }),
  createModel: () =>
    createModel({
      architecture: "dual-mlp-bag",
      classes: 2,
      vocabularySize: tokenizer.size,
      imageSize: 8,
      seed: 1,
    }),
  classes: ["dark", "bright"],
  data: set(16),
  test: set(8),
  stream: "1/slot-0",
  signal: new AbortController().signal,
  progress: () => {},
};
const fresh: ClientContext = {
  client: { id: clientId("c1"), modality: "image-text", architecture: "dual-mlp-bag", samples: 16 },
  memory: emptyPayload,
};
const run = async (context: ClientContext, rounds: number, first = 1) => {
  for (let round = first; round < first + rounds; round++)
    ({ context } = await handle(host, context, { round, payload: emptyPayload }));
  return context;
};

it("fifty rounds of one client leave as many tensors as before", async () => {
  await run(fresh, 1);
  const before = tf.memory().numTensors;
  await run(fresh, 50);
  expect(tf.memory().numTensors).toBe(before);
});

it("a client that is resumed from its context goes on as if it had never stopped", async () => {
  const resumed = structuredClone(await run(fresh, 2));
  const { weights } = await run(resumed, 1, 3);
  expect(weights).toEqual((await run(fresh, 3)).weights);
  expect(weights).not.toEqual((await run(fresh, 1, 3)).weights);
});

it("a round that fails disposes its model", async () => {
  const before = tf.memory().numTensors;
  const strategy = {
    fit: async () => {
      throw new Error("no");
    },
  };
  await expect(
    handle({ ...host, strategy }, fresh, { round: 1, payload: emptyPayload }),
  ).rejects.toThrow("no");
  expect(tf.memory().numTensors).toBe(before);
});
