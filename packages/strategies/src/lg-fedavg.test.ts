import { handle } from "@tandem/client/handle";
import type { ClientModality } from "@tandem/core/data";
import { clientId } from "@tandem/core/ids";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import type { ServerEnv, Update } from "@tandem/core/strategy";
import { type Arrays, f32 } from "@tandem/core/tensor";
import { expectUpload } from "@tandem/core/testing/expect-upload";
import { createTokenizer } from "@tandem/core/tokenizer";
import { startNodeEngine } from "@tandem/engine/node";
import { createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import { expect, it } from "vitest";
import { strategyNamed } from "./registry";

const strategy = strategyNamed("lg-fedavg");
const server = strategy.server({});
const env = { classes: ["a", "b"] } as unknown as ServerEnv; // nothing else is looked at

/** A head of one feature and two classes for each modality. */
const update = (
  architecture: string,
  samples: number,
  heads: Readonly<Record<string, { weight: readonly number[]; bias: readonly number[] }>>,
): Update => ({
  client: {
    id: clientId(architecture),
    modality: Object.keys(heads).join("-") as ClientModality,
    architecture,
    samples,
  },
  age: 0,
  payload: {
    arrays: Object.fromEntries(
      Object.entries(heads).flatMap(([modality, { weight, bias }]) => [
        [`${modality}.head.weight`, f32([weight.length / 2, 2], weight)],
        [`${modality}.head.bias`, f32([2], bias)],
      ]),
    ),
    meta: {},
  },
});

async function conclude(updates: readonly Update[], before?: Payload): Promise<Payload> {
  const state = before ?? (await server.init(env));
  for (const { client, payload } of updates) expectUpload(server, state, client, payload);
  const sum = updates.reduce<Payload | undefined>((a, one) => server.accumulate(a, one), undefined);
  return (await server.conclude(state, sum ?? emptyPayload, env)).state;
}

const one = update("a", 1, { image: { weight: [1, 2], bias: [0, 4] } });
const three = update("b", 3, {
  image: { weight: [5, -2], bias: [8, 0] },
  text: { weight: [7, 7], bias: [7, 7] },
});
const wide = update("w", 9, { image: { weight: [9, 9, 9, 9], bias: [9, 9] } });

it("heads of one modality and one width are averaged by samples", async () => {
  const state = await conclude([one, wide, three]);
  // (1·1 + 3·5) / 4 and (1·2 - 3·2) / 4; (1·0 + 3·8) / 4 and (1·4 + 3·0) / 4
  const image = { "image.head.weight": f32([1, 2], [4, -1]), "image.head.bias": f32([2], [6, 1]) };
  expect(server.instruct(state, one.client).arrays).toEqual(image);
  expect(server.instruct(state, three.client).arrays).toEqual({
    ...image,
    "text.head.weight": f32([1, 2], [7, 7]),
    "text.head.bias": f32([2], [7, 7]),
  });
  expect(server.instruct(state, wide.client).arrays).toEqual(wide.payload.arrays);
});

it("a head that nobody answers for stays; an architecture that is new gets none", async () => {
  const state = await conclude([wide], await conclude([one]));
  expect(server.instruct(state, one.client).arrays).toEqual(one.payload.arrays);
  expect(server.instruct(state, { ...one.client, architecture: "new" }).arrays).toEqual({});
});

it("an architecture's width is known after its first round, from what most of it say", async () => {
  const odd = update("a", 1e5, { image: { weight: [1, 1, 1, 1], bias: [0, 0] } });
  for (const updates of [
    [one, one, odd],
    [odd, one, one],
  ]) {
    const state = await conclude(updates);
    expect(() => expectUpload(server, state, odd.client, odd.payload)).toThrow(
      /\[2,2\], not f32 \[1,2\]/,
    );
    expect(() => expectUpload(server, state, one.client, one.payload)).not.toThrow();
  }
});

it("a client takes the head over and keeps its encoder", async () => {
  await startNodeEngine({ prefer: "wasm" });
  const tokenizer = createTokenizer({ words: ["a", "b"], buckets: 2 });
  const create = () =>
    createModel({
      architecture: "bag",
      classes: 2,
      vocabularySize: tokenizer.size,
      imageSize: 8,
      seed: 1,
    });
  const set = { size: 2, labels: Int32Array.of(0, 1), captions: ["a", "b"] };
  const head: Arrays = {
    "text.head.weight": f32([64, 2], new Float32Array(128).fill(0.25)),
    "text.head.bias": f32([2], [1, -1]),
  };
  const { reply, context } = await handle(
    {
      strategy: strategy.client({ localEpochs: 0, warmUpEpochs: 0 }),
      trainer: createTrainer({ tokenizer }),
      createModel: create,
      classes: ["a", "b"],
      data: set,
      test: set,
      stream: "test",
      signal: new AbortController().signal,
      progress: () => {},
    },
    {
      client: { id: clientId("c"), modality: "text", architecture: "bag", samples: 2 },
      memory: emptyPayload,
    },
    { round: 1, payload: { arrays: head, meta: {} } },
  );
  const model = create();
  expect(context.weights).toEqual({ ...(await model.weights()), ...head });
  expect(reply.update.arrays).toEqual(head);
  model.dispose();
});
