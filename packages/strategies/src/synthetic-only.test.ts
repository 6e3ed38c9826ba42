import type { ClientContext } from "@tandem/client/handle";
import { about, fitOnce } from "@tandem/client/testing/fit-once";
import { withAllSteps } from "@tandem/coordinator/steps";
import { concatenate } from "@tandem/core/data";
import type { JsonObject } from "@tandem/core/json";
import type { TrainOptions } from "@tandem/core/model";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ServerEnv } from "@tandem/core/strategy";
import type { GenerateRequest } from "@tandem/core/teacher";
import { f32, u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { strategyNamed } from "./registry";
import { askedSet, asLabelledSet } from "./synthetic-set/remembered-sets";
import { noScores } from "./testing/no-scores";
import { promptLabelLoss } from "./training/client-steps";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

describe("the control of FedMMKT", () => {
  it("has its settings of local training and of the set, with its defaults", () => {
    const fields = strategyNamed("synthetic-only").schema.properties as JsonObject;
    const theirs = strategyNamed("fedmmkt").schema.properties as JsonObject;
    for (const [name, field] of Object.entries(fields)) expect(field).toEqual(theirs[name]);
    expect(Object.keys(fields)).toEqual(
      expect.arrayContaining(["items", "cachedSets", "transferEpochs", "localEpochs", "guidance"]),
    );
  });

  it("has its first set painted from the same request, and asks of it the same", async () => {
    const asked: GenerateRequest[] = [];
    const env = {
      round: 1,
      classes: ["x", "y"],
      rng: createRng("one round"),
      teacher: {
        abilities: { finetune: false, repeat: true },
        publicSet: { prompts: ["p", "q", "r"], captions: ["P", "Q", "R"], labels: [0, 1, 1] },
        generate: async (request: GenerateRequest) => {
          asked.push(request);
          return u8([8, 1, 1, 3], new Uint8Array(24).fill(request.seed % 256));
        },
        distil: async () => ({ student: { w: f32([1], [1]) }, loss: 0 }),
        encode: async () => {
          const rows = { z: f32([8, 1], Array(8).fill(1)), logits: f32([8, 2], Array(16).fill(0)) };
          return { image: rows, text: rows };
        },
        evaluate: async () => ({ scores: noScores }),
      },
    } as unknown as ServerEnv;
    const instructions: Payload[] = [];
    for (const name of ["synthetic-only", "fedmmkt"]) {
      const server = withAllSteps(strategyNamed(name).server({ items: 8 }));
      const { state } = await server.prepare(emptyPayload, env);
      const client = { id: "c", modality: "image-text", architecture: "any", samples: 1 };
      instructions.push(server.instruct(state, client as Parameters<typeof server.instruct>[1]));
    }
    expect(asked[0]).toEqual(asked[1]);
    expect(asked[0].prompts).toHaveLength(8);
    expect(instructions[0]).toEqual(instructions[1]);
    // Both classes alike: prompts of class 0 and of class 1 in turn.
    expect(instructions[0].meta.labels).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
  });
});

it("learns prompt labels by cross-entropy with FedMMKT's smoothing, summed over the heads", () => {
  const batch = { labels: tf.tensor1d([0], "int32"), indices: Int32Array.of(0) };
  const loss = tf.tidy(() => {
    const image = tf.tensor2d([[Math.log(3), 0]]);
    return promptLabelLoss(
      { z: {}, logits: { image, text: tf.zeros([1, 2]) } },
      batch,
    ).dataSync()[0];
  });
  // p = (3/4, 1/4) and (1/2, 1/2) against (0.95, 0.05)
  expect(loss).toBeCloseTo(-0.95 * Math.log(0.75) - 0.05 * Math.log(0.25) + Math.LN2, 5);
});

describe("a client", () => {
  const run = async (
    config: JsonObject,
    rounds: number,
    watch: (asked: TrainOptions) => void = () => {},
  ) => {
    const given = { localEpochs: 0, warmUpEpochs: 0, learningRate: 0.01, ...config };
    const fit = (round: number, before?: ClientContext) =>
      fitOnce({
        strategy: strategyNamed("synthetic-only").client(given),
        instruction: about(round),
        round,
        watch,
        ...(before && { before }),
      });
    let last = await fit(1);
    for (let round = 2; round <= rounds; round++) last = await fit(round, last.context);
    return last;
  };
  const setsOf = ({ memory }: { readonly memory: Payload }) =>
    (memory.meta.sets as unknown as readonly { readonly set: number }[]).map(({ set }) => set);

  it("learns from the newest set in the round that brings it, and uploads nothing", async () => {
    const [without, first] = [await run({ transferEpochs: 0 }, 1), await run({}, 1)];
    expect(first.context.weights).not.toEqual(without.context.weights);
    expect(first.reply.update).toEqual(emptyPayload);
    expect(setsOf(first.context)).toEqual([1]);
  });

  it("keeps as many sets as it is told", async () => {
    expect(setsOf((await run({ transferEpochs: 1 }, 4)).context)).toEqual([2, 3, 4]);
    expect(setsOf((await run({ transferEpochs: 1, cachedSets: 1 }, 2)).context)).toEqual([2]);
  });

  it("goes through all that it keeps, by the prompts' labels, after its own samples", async () => {
    const seen: TrainOptions[] = [];
    await run({ transferEpochs: 5, cachedSets: 2 }, 3, (asked) => seen.push(asked));
    const [own, transfer] = seen.slice(-2);
    expect([own.set.size, own.set.captions]).toEqual([6, undefined]);
    expect([transfer.epochs, transfer.batchSize]).toEqual([5, 64]);
    const [second, third] = [2, 3].map((set) => askedSet(about(set)));
    expect(transfer.set).toEqual(concatenate([second, third].map(asLabelledSet)));
    expect([...transfer.set.labels]).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
  });
});
