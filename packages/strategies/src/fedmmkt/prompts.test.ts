import { createRng } from "@tandem/core/rng";
import type { ServerEnv } from "@tandem/core/strategy";
import type { EvaluateRequest, FinetuneRequest } from "@tandem/core/teacher";
import { f32, u8 } from "@tandem/core/tensor";
import { describe, expect, it } from "vitest";
import { wholeState } from "../testing/whole-state";
import { fedmmktConfig } from "./config";
import { paintRound } from "./painting";
import { classAccuracies, promptShares, quotas, splitPrompts } from "./prompts";
import { readState } from "./state";
import { teach } from "./teaching";

/** Ten classes of nine prompts, each of which is there twice. */
const labels = Array.from({ length: 180 }, (_, row) => row % 10);
const prompts = labels.map((label, row) => `class ${label}, number ${Math.floor(row / 10) % 9}`);
const publicSet = {
  images: u8([180, 1, 1, 3], new Uint8Array(540)),
  prompts,
  captions: prompts,
  labels,
};

describe("held-out prompts", () => {
  it("are a share of the distinct ones, spread over the classes, in all their rows", () => {
    const { seen, heldOut } = splitPrompts(publicSet, 0.1);
    expect(heldOut).toHaveLength(18); // nine of ninety, each in two rows
    expect(new Set(heldOut.map((row) => labels[row])).size).toBe(9);
    const held = new Set(heldOut.map((row) => prompts[row]));
    expect(held.size).toBe(9);
    expect(seen.filter((row) => held.has(prompts[row]))).toEqual([]);
    expect(seen.length + heldOut.length).toBe(180);
  });

  it("depend on the prompts and not on their order", () => {
    const order = createRng("order").permutation(180);
    const of = (list: readonly number[], from = prompts) => [...new Set(list.map((r) => from[r]))];
    const shuffled = Array.from(order, (row) => prompts[row]);
    const again = splitPrompts(
      { ...publicSet, prompts: shuffled, labels: Array.from(order, (row) => labels[row]) },
      0.1,
    );
    expect(of(again.heldOut, shuffled).sort()).toEqual(
      of(splitPrompts(publicSet, 0.1).heldOut).sort(),
    );
  });

  it("are never all that a class has, and none at a share of 0", () => {
    const few = { ...publicSet, prompts: ["a", "b", "c"], labels: [0, 0, 1] };
    const { seen } = splitPrompts(few, 0.5);
    expect(seen.filter((row) => few.labels[row] === 1)).toEqual([2]);
    expect(seen).toHaveLength(2);
    expect(splitPrompts(publicSet, 0).heldOut).toEqual([]);
  });

  it("are not silently none", () => {
    expect(() => splitPrompts(publicSet, 0.01)).toThrow(
      /heldOutShare: 0\.01 of 90 prompts is none/,
    );
  });
});

describe("the distribution of prompts", () => {
  it("half even, half by what the clients do not recognise", () => {
    // ½/3 + ½ (0, 0.2, 0.6) / 0.8 = 1/6 + (0, 1/8, 3/8)
    const shares = promptShares([1, 0.8, 0.4]);
    [1 / 6, 7 / 24, 13 / 24].forEach((value, c) => {
      expect(shares[c]).toBeCloseTo(value, 9);
    });
    expect(promptShares([1, 1])).toEqual([0.5, 0.5]);
  });

  it("in whole pictures, by largest remainders", () => {
    // 10 · (1/6, 7/24, 13/24) = 1.67, 2.92, 5.42
    expect(quotas([1 / 6, 7 / 24, 13 / 24], 10)).toEqual([2, 3, 5]);
    expect(quotas([0.5, 0.5], 3)).toEqual([2, 1]);
  });

  it("accuracy by class of the set; as before where it shows none, ½ where it never has", () => {
    const seen = [
      [0.9, 0.1, 0, 0],
      [0.1, 0.9, 0, 0],
      [0, 1, 0, 0],
    ];
    const set = { labels: [0, 0, 1], classes: 4 };
    expect(classAccuracies(set, seen, [0, 0, 0.25])).toEqual([0.5, 1, 0.25, 0.5]);
    expect(classAccuracies(set, seen)).toEqual([0.5, 1, 0.5, 0.5]);
  });
});

describe("the painted set", () => {
  const env = {
    round: 2,
    classes: Array.from({ length: 10 }, (_, c) => `class ${c}`),
    rng: createRng("painted set"),
    signal: new AbortController().signal,
    progress: () => {},
    teacher: {
      publicSet,
      generate: async (request: { readonly prompts: readonly string[] }) =>
        u8([request.prompts.length, 1, 1, 3], new Uint8Array(3 * request.prompts.length)),
    },
  } as unknown as ServerEnv; // what painting asks of a teacher
  const painted = async (config: Parameters<typeof fedmmktConfig.parse>[0], meta = {}) =>
    (await paintRound(fedmmktConfig.parse(config), readState({ arrays: {}, meta }), env)).set;
  const accuracies = [0, ...Array(9).fill(1)];

  it("is of all classes alike, whatever is recognised, unless that is asked for", async () => {
    const counts = async (config: object) => {
      const meta = await painted({ items: 100, ...config }, { accuracies });
      return env.classes.map((_, c) => meta.labels.filter((label) => label === c).length);
    };
    expect(await counts({})).toEqual(Array(10).fill(10));
    expect(await counts({ promptDistribution: "consensus" })).toEqual([55, ...Array(9).fill(5)]);
  });

  it("is even before anything has been recognised", async () => {
    const asked = { items: 20 } as const;
    expect(await painted({ ...asked, promptDistribution: "consensus" })).toEqual(
      await painted(asked),
    );
  });

  it("shows no prompt that is held out", async () => {
    const { heldOut } = splitPrompts(publicSet, 0.2);
    const held = new Set(heldOut.map((row) => prompts[row]));
    const shown = async (heldOutShare: number) =>
      (await painted({ items: 500, heldOutShare })).prompts.filter((prompt) => held.has(prompt));
    expect(await shown(0.2)).toEqual([]);
    expect((await shown(0)).length).toBeGreaterThan(50);
  });
});

it("held-out prompts are not replayed, and how well they are obeyed is a score by itself", async () => {
  const { heldOut } = splitPrompts(publicSet, 0.1);
  const held = new Set(heldOut.map((row) => prompts[row]));
  const lessons: FinetuneRequest[] = [];
  const state = wholeState({
    arrays: {
      images: u8([1, 1, 1, 3], [1, 2, 3]),
      "student/w": f32([1], [1]),
      "knowledge/image": f32([1, 2], [1, 0]),
      "knowledge/text": f32([1, 2], [1, 0]),
      "knowledge/target": f32([1, 2], [1, 0]),
      "knowledge/confidence": f32([1], [1]),
    },
    meta: { set: 1, classes: 10, prompts: ["a"], captions: ["a"], labels: [0], advantages: [0] },
  });
  const reads = {
    z: f32([180, 1], new Float32Array(180)),
    logits: f32(
      [180, 10],
      labels.flatMap((label) => Array.from({ length: 10 }, (_, c) => Number(c === label))),
    ),
  };
  const env = {
    round: 1,
    classes: Array.from({ length: 10 }, (_, c) => `class ${c}`),
    rng: createRng("held out"),
    signal: new AbortController().signal,
    progress: () => {},
    teacher: {
      abilities: { finetune: true, repeat: true },
      publicSet,
      distil: async () => ({ student: {}, loss: 0 }),
      encode: async () => ({ image: reads, text: reads }),
      async finetune(request: FinetuneRequest) {
        lessons.push(request);
        return { adapter: {}, losses: [0] };
      },
      evaluate: async ({ prompts: asked }: EvaluateRequest) => ({
        promptAccuracy: asked.filter((prompt) => held.has(prompt)).length / asked.length,
        frechet: 0,
      }),
    },
  } as unknown as ServerEnv; // what teaching asks of a teacher
  const taught = async (heldOutShare: number) =>
    (await teach(fedmmktConfig.parse({ critics: "none", heldOutShare }), readState(state), env))
      .metrics;
  expect(await taught(0.1)).toMatchObject({
    "teacher/promptAccuracy": 0,
    "teacher/heldOutPromptAccuracy": 1,
  });
  expect(lessons[0].replay.rows).toEqual(splitPrompts(publicSet, 0.1).seen);
  expect(await taught(0)).not.toHaveProperty("teacher/heldOutPromptAccuracy");
  expect(lessons[1].replay.rows).toHaveLength(180);
});
