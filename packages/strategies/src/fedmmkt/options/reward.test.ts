import type { Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ServerEnv } from "@tandem/core/strategy";
import type { EncodeRequest, FinetuneRequest } from "@tandem/core/teacher";
import { f32, u8 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { wholeState } from "../../testing/whole-state";
import { fedmmktConfig } from "../config";
import { readState, writeState } from "../state";
import { teach } from "../teaching";

const captions = ["a dog", "a cat"];
const knowledge = {
  images: u8([2, 1, 1, 3], new Uint8Array(6)),
  "knowledge/image": f32([2, 1], [1, 1]),
  "knowledge/text": f32([2, 1], [1, 1]),
  "knowledge/target": f32([2, 2], [1, 0, 0, 1]),
  "knowledge/confidence": f32([2], [1, 1]),
  "verdict/accepted": u8([2], [1, 1]),
};

/** Rounds of a teacher whose student is one number, the round, which is also all it reads. */
async function lessons(config: object, rounds: number, more: Payload["arrays"] = {}) {
  const given: FinetuneRequest[] = [];
  let state: Payload = {
    arrays: { "student/w": f32([1], [0]) },
    meta: {
      set: 1,
      classes: 2,
      prompts: ["dog", "cat"],
      captions,
      labels: [0, 1],
      advantages: [0, 0],
    },
  };
  for (let round = 1; round <= rounds; round++) {
    const env = {
      round,
      classes: ["dog", "cat"],
      rng: createRng(`reward/${round}`),
      signal: new AbortController().signal,
      progress: () => {},
      teacher: {
        abilities: { finetune: true, repeat: true },
        publicSet: { ...knowledge, prompts: ["dog", "cat"], captions, labels: [0, 1] },
        distil: async () => ({ student: { w: f32([1], [round]) }, loss: 0 }),
        encode: async ({ student }: EncodeRequest) => {
          const said = {
            z: f32(
              [2, 1],
              [0, 0].map(() => student.w.data[0]),
            ),
            logits: f32([2, 2], [0, 0, 0, 0]),
          };
          return { image: said, text: said };
        },
        async finetune(request: FinetuneRequest) {
          given.push(request);
          return { adapter: {}, losses: [0] };
        },
        evaluate: async () => ({ promptAccuracy: 0 }),
      },
    } as unknown as ServerEnv; // what teaching asks of a teacher
    const arrays = { ...state.arrays, ...knowledge, ...more };
    const whole = readState(wholeState({ ...state, arrays }));
    state = writeState(
      (await teach(fedmmktConfig.parse({ critics: "none", ...config }), whole, env)).state,
    );
  }
  return { given, state };
}

it("ReFL asks the student and those of the two rounds before, of the captions of the set", async () => {
  const { given } = await lessons({ teacherUpdate: "refl", samplingSteps: 5 }, 3);
  const asked = given.map(({ reward }) =>
    reward?.students.map(({ weights, texts }) => [weights.w.data[0], ...texts.data]),
  );
  expect(asked).toEqual([
    [
      [1, 1, 1],
      [0, 0, 0],
    ],
    [
      [2, 2, 2],
      [1, 1, 1],
      [0, 0, 0],
    ],
    [
      [3, 3, 3],
      [2, 2, 2],
      [1, 1, 1],
    ],
  ]);
  expect(given[0].reward).toMatchObject({
    every: 4,
    atMost: 10,
    scale: 0.001,
    samplingSteps: 5,
    prompts: ["dog", "cat"],
    labels: [0, 1],
  });
  expect(given[0].reward).not.toHaveProperty("prototypes");
});

it("ReFL compares with the prototypes where there are some", async () => {
  const prototypes = f32([2, 1], [1, -1]);
  const { given } = await lessons({ teacherUpdate: "refl" }, 1, { "prototypes/image": prototypes });
  expect(given[0].reward?.prototypes).toBe(prototypes);
});

it("RAFT asks nobody, and no student is kept", async () => {
  const { given, state } = await lessons({}, 2);
  expect(given.map((request) => "reward" in request)).toEqual([false, false]);
  expect(Object.keys(state.arrays).filter((name) => name.startsWith("snapshot"))).toEqual([]);
});
