import { absentTeacher } from "@tandem/coordinator/absent-teacher";
import { withAllSteps } from "@tandem/coordinator/steps";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ServerEnv } from "@tandem/core/strategy";
import type { EvaluateRequest, Teacher } from "@tandem/core/teacher";
import { arrayOf, f32, u8 } from "@tandem/core/tensor";
import { decodePayload, encodePayload } from "@tandem/protocol/payload-codec";
import { expect, it } from "vitest";
import { strategyNamed } from "../registry";
import { noScores } from "../testing/no-scores";
import { wholeState } from "../testing/whole-state";
import { fedmmktConfig } from "./config";
import { scoreBase, scoreTeacher } from "./scoring";
import { readState, writeState } from "./state";

it("is of the same prompts and noise in every round, of all classes alike, by base and adapter", async () => {
  const asked: EvaluateRequest[] = [];
  const env = (round: number) =>
    ({
      round,
      classes: ["dog", "cat", "none"],
      rng: createRng(`scoring/${round}`),
      teacher: {
        abilities: { finetune: true, repeat: true },
        publicSet: { prompts: ["dog", "big dog", "cat"], labels: [0, 0, 1] },
        async evaluate(request: EvaluateRequest) {
          asked.push(request);
          return { scores: { ...noScores, promptAccuracy: 0.5, parts: { noto: 0.25 } } };
        },
      },
    }) as unknown as ServerEnv; // what scoring asks of a teacher
  const config = fedmmktConfig.parse({ evaluationItems: 8 });
  const { metrics, shown } = await scoreBase(config, env(1), {});
  expect(metrics).toMatchObject({
    "teacher/basePromptAccuracy": 0.5,
    "teacher/basePart/noto": 0.25,
  });
  expect(shown).toBeUndefined(); // of a teacher that hands no pictures back
  const adapter = { a: f32([1], [1]) };
  await scoreTeacher(config, {}, env(1), {});
  await scoreTeacher(config, adapter, env(2), {});
  const [base] = asked;
  const dogs = ["dog", "big dog", "dog", "big dog"];
  expect(base.prompts).toEqual(dogs.flatMap((dog) => [dog, "cat"]));
  expect(base.labels).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
  expect(base.show).toBe(8);
  expect(asked.slice(1)).toEqual([base, { ...base, adapter }]);
});

/** What the gallery shows of three lessons by a teacher whose pictures are as red as its lessons are many. */
async function playThree(abilities: Teacher["abilities"]) {
  const server = withAllSteps(strategyNamed("fedmmkt").server({ critics: "none", items: 8 }));
  const prompts = ["dog", "cat"];
  const rows = (count: number) => ({
    z: f32([count, 2], Array(count).fill([1, 0]).flat()),
    logits: f32([count, 2], Array(count).fill([0, 0]).flat()),
  });
  let lessons = 0;
  const teacher: Teacher = {
    ...absentTeacher,
    abilities,
    publicSet: {
      images: u8([2, 1, 1, 3], new Uint8Array(6)),
      prompts,
      captions: prompts,
      labels: [0, 1],
    },
    generate: async () => u8([8, 1, 1, 3], new Uint8Array(24)),
    distil: async () => ({ student: { w: f32([1], [1]) }, loss: 0 }),
    encode: async ({ captions }) => {
      const said = rows(captions?.length ?? 2);
      return { image: said, text: said };
    },
    finetune: async () => ({ adapter: { a: f32([1], [++lessons]) }, losses: [0] }),
    async evaluate({ adapter, show }) {
      if (show === undefined) return { scores: noScores };
      const red = new Uint8Array(3 * show).fill(adapter?.a.data[0] ?? 0);
      return { scores: noScores, shown: u8([show, 1, 1, 3], red) };
    },
  };
  let state: Payload = emptyPayload;
  for (let round = 1; round <= 3; round++) {
    const env: ServerEnv = {
      round,
      classes: prompts,
      teacher,
      rng: createRng(`scoring/${round}`),
      signal: new AbortController().signal,
      progress: () => {},
    };
    state = (await server.prepare(state, env)).state;
    const arrays = { ...state.arrays, "knowledge/target": f32([8, 2], new Float32Array(16)) };
    state = (await server.teach(wholeState({ ...state, arrays }), env)).state;
  }
  return { state, shown: server.gallery?.(state)?.lessons };
}

it("its first eight pictures are shown, of the base and after each lesson", async () => {
  const { state, shown } = await playThree({ finetune: true, repeat: true });
  const prompts = Array(4).fill(["dog", "cat"]).flat();
  expect(shown).toMatchObject({ rounds: [0, 1, 2, 3], prompts });
  const pictures = arrayOf(decodePayload(encodePayload(state)).arrays, shown?.images ?? "", "u8");
  expect(pictures.shape).toEqual([32, 1, 1, 3]);
  expect([0, 8, 16, 24].map((i) => pictures.data[3 * i])).toEqual([0, 1, 2, 3]);
  expect(writeState(readState(state))).toEqual(state);
});

it("of a teacher that cannot learn, nothing is", async () => {
  expect((await playThree({ finetune: false, repeat: false })).shown).toBeUndefined();
});
