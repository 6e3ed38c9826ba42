import { withAllSteps } from "@tandem/coordinator/steps";
import { clientId } from "@tandem/core/ids";
import type { JsonObject } from "@tandem/core/json";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ServerEnv, Update } from "@tandem/core/strategy";
import type { FinetuneRequest, GenerateRequest } from "@tandem/core/teacher";
import { arrayOf, f32, u8 } from "@tandem/core/tensor";
import { describe, expect, it } from "vitest";
import { strategyNamed } from "../../registry";
import { noScores } from "../../testing/no-scores";
import { readState } from "../state";
import { classDiversity, diversityRatio, pooledDifference, trialOf } from "./trial";

it("pools the pairs of several rounds: (1, 3) and (-2, 2) differ by 1 ± √(14/3)/2", () => {
  // Deviations 0, 2, -3, 1: 14 over n - 1 = 3, and over n = 4.
  const { mean, error } = pooledDifference([
    [1, 3],
    [-2, 2],
  ]);
  expect(mean).toBe(1);
  expect(error).toBeCloseTo(Math.sqrt(14 / 3) / 2, 9);
});

describe("diversity", () => {
  const z = [
    [1, 0],
    [0, 1],
    [-1, 0],
    [1, 0],
  ];

  it("is 1 - cos of the pairs of a class that are seen as prompted", () => {
    const labels = [0, 0, 0, 1];
    // 1, 2 and 1 of the three pairs; without the last, 1.
    expect(classDiversity(z, labels, () => true, 2)).toEqual([expect.closeTo(4 / 3, 9), null]);
    expect(classDiversity(z, labels, (i) => i !== 2, 2)[0]).toBeCloseTo(1, 9);
  });

  it("is against the base's of the classes that both have", () => {
    expect(diversityRatio([0.6, 9, null], [0.5, null, 7])).toBeCloseTo(1.2, 9);
    expect(diversityRatio([null], [0.5])).toBe(1);
    expect(diversityRatio([0.5], null)).toBe(1);
  });
});

/**
 * A teacher whose adapter is one number, the colour that it paints in, which a lesson raises by one. It
 * paints each class in two shapes; its student tells them apart, but not in a `narrow` colour.
 */
function world(config: JsonObject, narrow: (colour: number) => boolean = () => false) {
  const lessons: FinetuneRequest[] = [];
  const requests: GenerateRequest[] = [];
  const server = withAllSteps(
    strategyNamed("fedmmkt").server({
      critics: "none",
      items: 16,
      trialRounds: 1,
      abTest: true,
      studentWeight: 0,
      ...config,
    }),
  );
  const numberOf = ({ adapter }: Pick<GenerateRequest, "adapter">) => adapter?.a.data[0] ?? 0;
  const prompts = Array.from({ length: 8 }, (_, i) => `${i % 2 ? "cat" : "dog"} ${i}`);
  const publicSet = {
    images: u8([8, 1, 1, 3], new Uint8Array(24)),
    prompts,
    captions: prompts,
    labels: prompts.map((_, i) => i % 2),
  };
  const described = (z: readonly number[]) => ({
    z: f32([z.length / 2, 2], z),
    logits: f32([z.length / 2, 2], new Float32Array(z.length)),
  });
  const env = (round: number): ServerEnv =>
    ({
      round,
      classes: ["dog", "cat"],
      rng: createRng(`trial/${round}`),
      signal: new AbortController().signal,
      progress: () => {},
      teacher: {
        abilities: { finetune: true, repeat: true },
        publicSet,
        async generate(request: GenerateRequest) {
          requests.push(request);
          const [colour, count] = [numberOf(request), request.prompts.length];
          const pixels = Array.from({ length: count }, (_, i) => [colour, (i >> 1) & 1, 0]);
          return u8([count, 1, 1, 3], pixels.flat());
        },
        distil: async () => ({ student: { w: f32([1], [1]) }, loss: 0 }),
        encode: async (asked: {
          readonly images?: { readonly data: Uint8Array };
          readonly captions?: readonly string[];
        }) => {
          const count = asked.captions?.length ?? publicSet.labels.length;
          const { data = new Uint8Array(3 * count) } = asked.images ?? {};
          const seen = Array.from({ length: count }, (_, i) =>
            data[3 * i + 1] === 0 || narrow(data[3 * i]) ? [1, 0] : [0, 1],
          );
          return {
            image: described(seen.flat()),
            text: described(Array(count).fill([1, 0]).flat()),
          };
        },
        async finetune(request: FinetuneRequest) {
          lessons.push(request);
          return { adapter: { a: f32([1], [numberOf(request) + 1]) }, losses: [0] };
        },
        evaluate: async () => noScores,
      },
    }) as unknown as ServerEnv; // what FedMMKT's server asks of a teacher

  /** One round, in which the client is this sure of the prompt's class of pictures of each colour. */
  async function play(before: Payload, round: number, sureness: (colour: number) => number) {
    const { state: prepared } = await server.prepare(before, env(round));
    const { data } = arrayOf(prepared.arrays, "images", "u8");
    const labels = prepared.meta.labels as readonly number[];
    const sure = labels.map((_, i) => sureness(data[3 * i]));
    const update: Update = {
      client: { id: clientId("c"), modality: "image", architecture: "any", samples: 9 },
      age: 0,
      payload: {
        arrays: {
          "p/image": f32(
            [16, 2],
            labels.flatMap((label, i) =>
              label === 0 ? [sure[i], 1 - sure[i]] : [1 - sure[i], sure[i]],
            ),
          ),
          "z/image": f32([16, 2], Array(16).fill([1, 0]).flat()),
          "mask/image": u8([16], Array(16).fill(1)),
        },
        meta: { set: round },
      },
    };
    const concluded = await server.conclude(
      prepared,
      server.accumulate(undefined, update),
      env(round),
    );
    const taught = await server.teach(concluded.state, env(round));
    return { prepared, concluded, taught, data, adapter: numberIn(taught.state) };
  }
  return { play, lessons, requests, server };
}
const numberIn = ({ arrays }: Payload) => arrays["adapter/a"]?.data[0] ?? 0;
const even = () => 0.9;

it("paints each prompt by the adapter and by the one before, and does not tell which is which", async () => {
  const { play, requests, server } = world({});
  const first = await play(emptyPayload, 1, even);
  expect(requests.map((request) => request.prompts.length)).toEqual([16]);
  const { prepared, data } = await play(first.taught.state, 2, even);
  const { pairs } = trialOf(readState(prepared).kept);
  const prompts = prepared.meta.prompts as readonly string[];
  expect(pairs).toHaveLength(8);
  expect(new Set(pairs.flat()).size).toBe(16);
  for (const [current, previous] of pairs) {
    expect(prompts[current]).toBe(prompts[previous]);
    expect([data[3 * current], data[3 * previous]]).toEqual([1, 0]);
  }
  const painters = Array.from({ length: 16 }, (_, i) => data[3 * i]);
  expect(painters).not.toEqual([...painters].sort().reverse());
  expect(requests[1].seed).not.toBe(requests[2].seed);
  const told = server.instruct(prepared, {
    id: clientId("c"),
    modality: "image",
    architecture: "any",
    samples: 9,
  });
  expect(Object.keys(told.meta).sort()).toEqual(["captions", "knowledgeOf", "labels", "set"]);
});

it("keeps a lesson that the clients like", async () => {
  const { play } = world({});
  const first = await play(emptyPayload, 1, even);
  const second = await play(first.taught.state, 2, (colour) => (colour === 1 ? 0.9 : 0.6));
  // ln 0.9 - ln 0.6 in every pair
  expect(second.concluded.metrics["trial/difference"]).toBeCloseTo(Math.log(1.5), 5);
  expect(second.concluded.metrics["trial/pooledError"]).toBeCloseTo(0, 5);
  expect(second.concluded.metrics["trial/rejected"]).toBe(0);
  expect([numberIn(second.concluded.state), second.adapter]).toEqual([1, 2]);
});

it("undoes one that they do not, at half the rate, and after two in a row the teacher rests", async () => {
  const { play, lessons } = world({ finetuneRate: 0.01 });
  const worse = (colour: number) => 0.9 - 0.3 * Math.min(1, colour);
  const first = await play(emptyPayload, 1, even);
  const second = await play(first.taught.state, 2, worse);
  expect(second.concluded.metrics["trial/rejected"]).toBe(1);
  expect(numberIn(second.concluded.state)).toBe(0);
  expect(second.adapter).toBe(1); // a new lesson, of the base
  expect(lessons.map(({ learningRate }) => learningRate)).toEqual([0.01, 0.005]);
  const third = await play(second.taught.state, 3, worse);
  expect(third.taught.metrics["trial/frozen"]).toBe(1);
  expect(third.adapter).toBe(0);
  const fourth = await play(third.taught.state, 4, worse);
  expect(trialOf(readState(fourth.prepared).kept).pairs).toEqual([]);
  expect(lessons).toHaveLength(2);
});

it("an acceptance between two rejections lets it go on, and the rate stays halved", async () => {
  const { play, lessons } = world({ finetuneRate: 0.01 });
  const first = await play(emptyPayload, 1, even);
  const second = await play(first.taught.state, 2, (colour) => (colour === 1 ? 0.6 : 0.9));
  const third = await play(second.taught.state, 3, (colour) => (colour === 1 ? 0.9 : 0.6));
  const fourth = await play(third.taught.state, 4, (colour) => (colour === 2 ? 0.6 : 0.9));
  expect(fourth.concluded.metrics["trial/rejected"]).toBe(1);
  expect(fourth.taught.metrics["trial/frozen"]).toBe(0);
  expect(lessons.map(({ learningRate }) => learningRate)).toEqual([0.01, 0.005, 0.005, 0.0025]);
});

it("decides by as many rounds as it is to pool", async () => {
  const { play } = world({ trialRounds: 2 });
  const first = await play(emptyPayload, 1, even);
  const second = await play(first.taught.state, 2, (colour) => (colour === 1 ? 0.6 : 0.9));
  expect(second.concluded.metrics["trial/rejected"]).toBe(0);
  // Worse by ln 1.5 in the second round, better by ln 1.2 in the third: worse on the whole.
  const third = await play(second.taught.state, 3, (colour) => (colour === 2 ? 0.9 : 0.75));
  const pooled = (Math.log(1.2) - Math.log(1.5)) / 2;
  expect(third.concluded.metrics["trial/pooledDifference"]).toBeCloseTo(pooled, 5);
  expect(third.concluded.metrics["trial/rejected"]).toBe(1);
  expect(numberIn(third.concluded.state)).toBe(1);
  expect(trialOf(readState(third.concluded.state).kept).rounds).toEqual([]);
});

it("undoes a lesson after which the pictures of a class are all alike, whatever the clients like", async () => {
  const { play } = world({}, (colour) => colour === 1);
  const first = await play(emptyPayload, 1, even);
  const second = await play(first.taught.state, 2, (colour) => (colour === 1 ? 0.9 : 0.6));
  expect(second.concluded.metrics["trial/diversity"]).toBeCloseTo(0, 9);
  expect(second.concluded.metrics["trial/rejected"]).toBe(1);
  expect(numberIn(second.concluded.state)).toBe(0);
});

it("pools diversity as well: one round without is not enough", async () => {
  const { play } = world({ trialRounds: 2 }, (colour) => colour > 0);
  const first = await play(emptyPayload, 1, even);
  const second = await play(first.taught.state, 2, even);
  expect(second.concluded.metrics["trial/diversity"]).toBeCloseTo(0, 9);
  expect(second.concluded.metrics["trial/rejected"]).toBe(0);
  const third = await play(second.taught.state, 3, even);
  expect(third.concluded.metrics["trial/pooledDiversity"]).toBeCloseTo(0, 9);
  expect(third.concluded.metrics["trial/rejected"]).toBe(1);
});

it("is no part of the state while it is off", async () => {
  const { play } = world({ abTest: false });
  const first = await play(emptyPayload, 1, even);
  const { taught } = await play(first.taught.state, 2, even);
  const names = [...Object.keys(taught.state.arrays), ...Object.keys(taught.state.meta)];
  expect(names.filter((name) => /^(trial|previous|public-student)/.test(name))).toEqual([]);
});
