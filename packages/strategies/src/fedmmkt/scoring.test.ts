import { withAllSteps } from "@tandem/coordinator/steps";
import type { JsonObject } from "@tandem/core/json";
import type { Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ServerEnv } from "@tandem/core/strategy";
import type { FinetuneRequest } from "@tandem/core/teacher";
import { f32, u8 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { strategyNamed } from "../registry";
import { noScores } from "../testing/no-scores";
import { wholeState } from "../testing/whole-state";
import { trialOf } from "./options/trial";
import { isWorseThanBase } from "./scoring";
import { readState } from "./state";

it("a tenth farther from real pictures than the base, or a tenth less of its recall", () => {
  const base = { frechet: 10, recall: 0.5 };
  const isWorse = (frechet: number, recall: number) => isWorseThanBase({ frechet, recall }, base);
  expect([isWorse(10.9, 0.46), isWorse(11.1, 0.5), isWorse(5, 0.44)]).toEqual([false, true, true]);
});

/** Rounds of a teacher whose base has these scores, and each lesson the next ones. */
async function play(config: JsonObject, base: Scores, later: readonly Scores[]) {
  const server = withAllSteps(
    strategyNamed("fedmmkt").server({ critics: "none", items: 8, ...config }),
  );
  const lessons: FinetuneRequest[] = [];
  const prompts = ["dog", "cat"];
  const rows = (count: number) => ({
    z: f32([count, 2], Array(count).fill([1, 0]).flat()),
    logits: f32([count, 2], Array(count).fill([0, 0]).flat()),
  });
  const env = (round: number): ServerEnv =>
    ({
      round,
      classes: prompts,
      rng: createRng(`quality/${round}`),
      signal: new AbortController().signal,
      progress: () => {},
      teacher: {
        abilities: { finetune: true, repeat: true },
        publicSet: {
          images: u8([2, 1, 1, 3], new Uint8Array(6)),
          prompts,
          captions: prompts,
          labels: [0, 1],
        },
        generate: async () => u8([8, 1, 1, 3], new Uint8Array(24)),
        distil: async () => ({ student: { w: f32([1], [1]) }, loss: 0 }),
        encode: async ({ captions }: { readonly captions?: readonly string[] }) => {
          const said = rows(captions?.length ?? 2);
          return { image: said, text: said };
        },
        async finetune(request: FinetuneRequest) {
          lessons.push(request);
          return { adapter: { a: f32([1], [lessons.length]) }, losses: [0] };
        },
        async evaluate({ adapter }: { readonly adapter?: Payload["arrays"] }) {
          return adapter ? later[adapter.a.data[0] - 1] : base;
        },
      },
    }) as unknown as ServerEnv; // what FedMMKT's server asks of a teacher
  const taught = [];
  let state: Payload = { arrays: {}, meta: {} };
  for (let round = 1; round <= later.length; round++) {
    state = (await server.prepare(state, env(round))).state;
    const knowledge = {
      "knowledge/image": f32([8, 2], new Float32Array(16)),
      "knowledge/text": f32([8, 2], new Float32Array(16)),
      "knowledge/target": f32([8, 2], new Float32Array(16)),
      "knowledge/confidence": f32([8], new Float32Array(8)),
    };
    const concluded = wholeState({ ...state, arrays: { ...state.arrays, ...knowledge } });
    const step = await server.teach(
      { ...concluded, meta: { ...state.meta, advantages: Array(8).fill(0) } },
      env(round),
    );
    taught.push(step);
    state = step.state;
  }
  const adapters = taught.map(({ state: { arrays } }) => arrays["adapter/a"]?.data[0] ?? 0);
  return { taught, lessons, adapters };
}
const scores = (frechet: number, recall: number) => ({ ...noScores, frechet, recall });
type Scores = ReturnType<typeof scores>;
const [good, bad, base] = [scores(9, 0.5), scores(20, 0.5), scores(10, 0.5)];

it("a lesson that made pictures worse is undone, at half the rate and with the scores from before", async () => {
  const config = { qualityStop: true, finetuneRate: 0.01 };
  const { taught, lessons, adapters } = await play(config, base, [good, bad, good]);
  expect(adapters).toEqual([1, 1, 3]);
  expect(taught.map(({ metrics }) => metrics["teacher/undone"])).toEqual([0, 1, 0]);
  expect(taught.map(({ metrics }) => metrics["teacher/frechet"])).toEqual([9, 9, 9]);
  expect(lessons.map(({ learningRate }) => learningRate)).toEqual([0.01, 0.01, 0.005]);
  expect(lessons[2].adapter?.a.data[0]).toBe(1);
  expect(trialOf(readState(taught[2].state).kept).rejections).toBe(0);
});

it("after two in a row the teacher rests", async () => {
  const { taught, lessons, adapters } = await play({ qualityStop: true }, base, [bad, bad, good]);
  expect(lessons).toHaveLength(2);
  expect(adapters).toEqual([0, 0, 0]);
  expect(taught.map(({ metrics }) => metrics["trial/frozen"])).toEqual([0, 0, 1]);
  expect(taught[2].metrics["teacher/frechet"]).toBe(10);
});

it("all lessons stay where it is off, and the state knows nothing of it", async () => {
  const { taught, adapters } = await play({}, base, [bad, bad, bad]);
  expect(adapters).toEqual([1, 2, 3]);
  expect(Object.keys(taught[2].state.meta).filter((name) => /quality|trial/.test(name))).toEqual(
    [],
  );
});
