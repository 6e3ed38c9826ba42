import type { Teacher } from "@tandem/core/teacher";
import { teacherContract } from "@tandem/core/testing/teacher.contract";
import { buildEmojiStyle } from "@tandem/datasets/emoji/build-style";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTeacherProcess } from "./process";

let teacher: Teacher;
const notices: string[] = [];
beforeAll(async () => {
  await buildEmojiStyle();
  teacher = await startTeacherProcess({
    threads: 1,
    onNotice: (text) => notices.push(text),
  });
}, 180_000);
afterAll(() => teacher?.close());

const paint = (prompts: readonly string[], seed: number) =>
  teacher.generate({ prompts, seed, steps: 4, guidance: 2 });

it("paints the same picture for the same seed, and another for another prompt", async () => {
  const [first, again, other] = [
    await paint(["food: red apple"], 1),
    await paint(["food: red apple"], 1),
    await paint(["smiley: grinning face"], 1),
  ];
  expect(first.shape).toEqual([1, 32, 32, 3]);
  expect(first.data).toEqual(again.data);
  expect(first.data).not.toEqual(other.data);
});

it("tells what is cut of a prompt that is longer than the base reads", async () => {
  await paint([`food: ${"red ".repeat(20)}apple`], 1);
  expect(notices).toEqual([expect.stringMatching(/18 tokens; left out: "(red )+apple"$/)]);
});

it("lets prompts steer: the judge sees the prompted class far more often than by chance", async () => {
  const { prompts, labels } = teacher.publicSet;
  const rows = Array.from({ length: 96 }, (_, i) => (i * 2) % prompts.length);
  const { scores } = await teacher.evaluate({
    prompts: rows.map((row) => prompts[row]),
    labels: rows.map((row) => labels[row]),
    seed: 5,
    steps: 8,
    guidance: 2,
  });
  if (!scores) throw new Error("emoji-style has a judge");
  expect(scores.promptAccuracy).toBeGreaterThan(2 / 8);
  expect(scores.secondPromptAccuracy).toBeGreaterThan(2 / 8);
  expect(scores.secondPromptAccuracy).not.toBe(scores.promptAccuracy);
  for (const share of [scores.precision, scores.recall]) {
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
  }
  expect(scores.frechet).toBeGreaterThan(0);
  // Most of the public pictures are of one style.
  for (const shares of [scores.parts, scores.realParts]) {
    expect(Object.values(shares ?? {}).reduce((a, b) => a + b, 0)).toBeCloseTo(1);
    expect(shares?.noto).toBeGreaterThan(0.5);
  }
}, 120_000);

it("learns an adapter whose loss is finite and that changes what is painted", async () => {
  const images = await paint(["food: red apple", "place: house"], 3);
  const { adapter, losses } = await teacher.finetune({
    rank: 2,
    samples: { images, captions: ["food: red apple", "place: house"], weights: [1, 1] },
    replay: { share: 0.5, rows: [0, 1, 2, 3] },
    steps: 6,
    batchSize: 4,
    learningRate: 3e-3,
    seed: 1,
  });
  expect(losses.length).toBe(6);
  expect(Object.keys(adapter).every((name) => /\.lora_[AB]\.weight$/.test(name))).toBe(true);
  const tuned = await teacher.generate({
    prompts: ["food: red apple"],
    seed: 1,
    adapter,
    steps: 4,
    guidance: 2,
  });
  expect(tuned.data).not.toEqual((await paint(["food: red apple"], 1)).data);
});

it("teaches a student from nothing and then from knowledge", async () => {
  const { student, loss } = await teacher.distil({ epochs: 2, learningRate: 1e-3, seed: 1 });
  const later = await teacher.distil({ student, epochs: 2, learningRate: 1e-3, seed: 2 });
  expect(later.loss).toBeLessThan(loss);
  const { text } = await teacher.encode({ student, captions: ["red apple", "house"] });
  expect(text?.z.shape).toEqual([2, 64]);
});

teacherContract("the teacher's process", () => startTeacherProcess({ threads: 1 }));
