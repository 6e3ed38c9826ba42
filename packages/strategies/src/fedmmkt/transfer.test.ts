import { about, fitOnce, labels, pictures } from "@tandem/client/testing/fit-once";
import type { Payload } from "@tandem/core/payload";
import { addPrefix, f32, u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import { beforeAll, expect, it } from "vitest";
import { strategyNamed } from "../registry";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

const zeros = f32([6, 64], new Float32Array(6 * 64));
const knowledge = {
  target: f32([6, 2], Array.from(labels, (label) => [1 - label, label]).flat()),
  confidence: f32([6], Array(6).fill(1)),
  accepted: u8([6], Array(6).fill(0)),
  image: zeros,
  text: zeros,
};
/** An instruction of round 3 that makes up for set 1, and tells of set 2, for a newcomer. */
const past = (set: number) => ({
  set,
  captions: Array.from(labels, (label) => `a ${label}`),
  labels: [...labels],
});
const instruction: Payload = about(3, {
  arrays: {
    ...knowledge,
    ...addPrefix("past/1/", { ...knowledge, images: pictures(101) }),
    ...addPrefix("past/2/", { images: pictures(102) }),
  },
  meta: { knowledgeOf: 2, past: [past(1), past(2)] },
});

/** Samples and batch size of each training that a client does. */
async function trainings(
  round: Payload,
  before?: Awaited<ReturnType<typeof fitOnce>>["context"],
  newestSet = "none",
) {
  const done: [number, number][] = [];
  const { context } = await fitOnce({
    strategy: strategyNamed("fedmmkt").client({
      critics: "none",
      localEpochs: 1,
      warmUpEpochs: 1,
      transferEpochs: 1,
      batchSize: 3,
      newestSet,
    }),
    instruction: round,
    round: 3,
    ...(before && { before }),
    watch: ({ set, batchSize }) => done.push([set.size, batchSize]),
  });
  return { done, context };
}

it("a newcomer learns from the sets before it, then by itself, then from the sets again", async () => {
  const { done, context } = await trainings(instruction);
  expect(done).toEqual([
    [12, 64],
    [6, 3],
    [12, 64],
  ]);
  // It keeps them: the next round finds three.
  const next = await trainings(about(4, { arrays: knowledge, meta: { knowledgeOf: 3 } }), context);
  expect(next.done).toEqual([
    [6, 3],
    [18, 64],
  ]);
});

it("the first round of all, which has no sets before it, is as it was", async () => {
  expect((await trainings(about(1))).done).toEqual([[6, 3]]);
});

it("the newest set is learnt last, by its prompts, as one of the cached sets", async () => {
  const { done, context } = await trainings(instruction, undefined, "all");
  expect(done.slice(-2)).toEqual([
    [12, 64],
    [6, 64],
  ]);
  const told = about(4, { arrays: knowledge, meta: { knowledgeOf: 3 } });
  expect((await trainings(told, context, "all")).done).toEqual([
    [6, 3],
    [12, 64], // of three that are known
    [6, 64],
  ]);
});

it("of the captions alone there is nothing for a client that sees pictures", async () => {
  const { done } = await trainings(instruction, undefined, "captions");
  expect(done).toEqual((await trainings(instruction)).done);
});
