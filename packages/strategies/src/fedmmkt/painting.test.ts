import { createRng } from "@tandem/core/rng";
import type { ServerEnv } from "@tandem/core/strategy";
import type { GenerateRequest } from "@tandem/core/teacher";
import { u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import { beforeAll, expect, it } from "vitest";
import { type FedmmktConfig, fedmmktConfig } from "./config";
import { initialCritic } from "./critics/net";
import { paintRound } from "./painting";
import { readState } from "./state";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

/** Of four classes the second has no prompts, and the last has one. */
const labels = [0, 0, 0, 2, 2, 3];
const prompts = labels.map((label, row) => `${label}: ${row}`);
const asked: number[] = [];
const env = {
  round: 3,
  classes: ["a", "b", "c", "d"],
  rng: createRng("candidates"),
  signal: new AbortController().signal,
  progress: () => {},
  teacher: {
    publicSet: { prompts, captions: prompts, labels },
    /** Grey pictures: ten levels for each row, and one more for each picture of it. */
    async generate({ prompts: of }: GenerateRequest) {
      asked.push(of.length);
      const levels = of.map((prompt, i) => 10 * prompts.indexOf(prompt) + (i % 10));
      return u8(
        [of.length, 4, 4, 3],
        levels.flatMap((level) => Array<number>(48).fill(level)),
      );
    },
  },
} as unknown as ServerEnv; // what a round's set is painted with
const { kept } = readState({ arrays: {}, meta: {} });
const paint = (
  critic = initialCritic(4, createRng("critic")),
  config: Partial<FedmmktConfig> = {},
) =>
  paintRound(
    { ...fedmmktConfig.parse({}), items: 8, ...config },
    { kept: { ...kept, critic }, round: undefined },
    env,
  );

it("of four candidates an item as many of each class are published as would be painted", async () => {
  asked.length = 0;
  const { images, set } = await paint();
  expect(asked).toEqual([32]);
  const counts = [0, 1, 2, 3].map((c) => set.labels.filter((own) => own === c).length);
  expect(counts).toEqual([3, 0, 3, 2]);
  expect(images.shape).toEqual([8, 4, 4, 3]);
  // Each picture is its prompt's.
  set.prompts.forEach((prompt, i) => {
    expect(Math.floor(images.data[48 * i] / 10)).toBe(prompts.indexOf(prompt));
    expect(prompt).toMatch(new RegExp(`^${set.labels[i]}:`));
  });
  expect(await paint()).toEqual({ images, set });
});

it("before the first lesson, or with one candidate, no more are painted than published", async () => {
  asked.length = 0;
  await paint({});
  await paint(undefined, { candidates: 1 });
  expect(asked).toEqual([8, 8]);
});

it("half of the prompts are asked for in a style that the teacher knows; captions and lessons do not say it", async () => {
  const { teacher } = env;
  const heard: string[] = [];
  const publicSet = { ...teacher.publicSet, styles: ["ink", "oil"] };
  const styled = {
    ...env,
    teacher: {
      ...teacher,
      publicSet,
      generate: (request: GenerateRequest) => {
        const { prompts: of } = request;
        heard.push(...of);
        const plain = of.map((text) => text.replace(/^\w+ /, ""));
        return teacher.generate({ ...request, prompts: plain });
      },
    },
  } as ServerEnv;
  const config = { ...fedmmktConfig.parse({}), items: 64, candidates: 4 };
  const critic = initialCritic(4, createRng("critic"));
  const { set } = await paintRound(config, { kept: { ...kept, critic }, round: undefined }, styled);
  for (const style of publicSet.styles) {
    const share = heard.filter((text) => text.startsWith(`${style} `)).length / heard.length;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.35);
  }
  expect(set.prompts.every((text) => prompts.includes(text))).toBe(true);
  expect(set.asked?.map((text) => text.replace(/^(ink|oil) /, ""))).toEqual(set.prompts);
  expect(set.asked).not.toEqual(set.prompts);
  expect((await paint()).set.asked).toBeUndefined();
});
