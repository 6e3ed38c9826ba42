import type { LabelledSet } from "@tandem/core/data";
import { clientId } from "@tandem/core/ids";
import type { ClientTask } from "@tandem/core/model";
import { emptyPayload } from "@tandem/core/payload";
import { u8 } from "@tandem/core/tensor";
import { createTokenizer } from "@tandem/core/tokenizer";
import { startNodeEngine } from "@tandem/engine/node";
import { createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import { strategyNamed } from "@tandem/strategies/registry";
import { beforeAll, expect, it } from "vitest";
import { type ClientContext, type ClientHost, handle } from "./handle";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

// Two classes told apart by brightness and by one word.
const pairs: LabelledSet = {
  size: 16,
  labels: Int32Array.from({ length: 16 }, (_, i) => i % 2),
  images: u8(
    [16, 8, 8, 3],
    Uint8Array.from({ length: 16 * 192 }, (_, i) => (Math.floor(i / 192) % 2) * 200 + (i % 50)),
  ),
  captions: Array.from({ length: 16 }, (_, i) => (i % 2 ? "bright" : "dark")),
};
const tokenizer = createTokenizer({ words: ["bright", "dark"], buckets: 2 });
const client = {
  id: clientId("c1"),
  modality: "image-text",
  architecture: "dual-mlp-bag",
  samples: 16,
} as const;

/** Replies and weights of some rounds of training alone. */
async function rounds(count: number, data: LabelledSet, task: ClientTask) {
  const config = { localEpochs: 5, batchSize: 8, warmUpEpochs: 0, learningRate: 0.01 };
  const host: ClientHost = {
    strategy: strategyNamed("local").client(config),
    trainer: createTrainer({ tokenizer }),
    createModel: () =>
      createModel({
        architecture: client.architecture,
        classes: 2,
        vocabularySize: tokenizer.size,
        imageSize: 8,
        seed: 1,
        task,
      }),
    classes: ["dark", "bright"],
    data,
    test: pairs,
    stream: "1/slot-0",
    signal: new AbortController().signal,
    progress: () => {},
  };
  let context: ClientContext = { client, memory: emptyPayload };
  const answers = [];
  for (let round = 1; round <= count; round++) {
    const answer = await handle(host, context, { round, payload: emptyPayload });
    ({ context } = answer);
    const heads = ["image", "text"].map((m) => context.weights?.[`${m}.head.weight`].data);
    answers.push({ ...answer.reply, heads: heads.map(String) });
  }
  return answers;
}

it("captions that come in round 3 are not learned from before", async () => {
  const [first, second, third] = await rounds(3, { ...pairs, captionsFrom: 3 }, "classification");
  expect(second.heads[1]).toBe(first.heads[1]);
  expect(second.heads[0]).not.toBe(first.heads[0]);
  expect(third.heads[1]).not.toBe(second.heads[1]);
  // The test set is whole all along.
  expect(first.metrics).toHaveProperty("accuracy/text");
});

it("a client that matches pairs reports recall both ways, and one that does not reports none", async () => {
  const [{ metrics }] = (await rounds(4, pairs, "retrieval")).slice(-1);
  // Eight pairs of each caption: any of them is a hit.
  expect(metrics).toMatchObject({
    "retrieval/image-to-text/r1": 1,
    "retrieval/text-to-image/r1": 1,
    "retrieval/text-to-image/r10": 1,
    "retrieval/image-to-text/median-rank": 1,
    "retrieval/rsum": 600,
  });
  const [alone] = await rounds(1, pairs, "classification");
  expect(Object.keys(alone.metrics).filter((name) => name.startsWith("retrieval"))).toEqual([]);
});
