import { createRng } from "@tandem/core/rng";
import type { ServerEnv } from "@tandem/core/strategy";
import { f32, u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import type { Kept, Round } from "../state";
import { criticsLesson } from "./lesson";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

/** Grey pictures of two classes in turn, of these levels. */
const grey = (levels: readonly number[]) =>
  u8(
    [levels.length, 4, 4, 3],
    levels.flatMap((level) => Array<number>(48).fill(level)),
  );
const levels = Array.from({ length: 64 }, (_, i) => 4 * i);
const labels = levels.map((_, i) => i % 2);
/** The clients' pictures are bright ones. */
const bright = levels.map((level) => Math.exp(level / 64 - 3));

function roundOf(importances: readonly number[] | undefined, { seen = 1, set = 1 } = {}): Round {
  const rows = labels.flatMap((label) => (label === 0 ? [seen, 0] : [0, seen]));
  return {
    set: { set, classes: 2, labels, prompts: levels.map((level) => `${set}: ${level}`) },
    images: grey(levels),
    verdict: { seen: f32([64, 2], rows) },
    importances: importances && f32([64], Float32Array.from(importances)),
  } as unknown as Round; // what a lesson is made of
}
const nothing = { critic: {}, taught: undefined } as unknown as Kept;
const env = {
  classes: ["a", "b"],
  rng: createRng("critics' lesson"),
  signal: new AbortController().signal,
  teacher: { publicSet: { images: grey(levels), labels } },
} as unknown as ServerEnv; // what a lesson asks for
const lessonOf = (round: Round, kept = nothing, replayed: readonly number[] = [...labels.keys()]) =>
  criticsLesson({ kept, round }, replayed, env);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const levelsOf = (captions: readonly string[]) => captions.map((text) => +text.split(" ")[1]);

it("shows what the clients would, of the set and of public pictures; to the bit when asked again", async () => {
  const round = roundOf(bright);
  const { lesson, metrics } = await lessonOf(round);
  expect(metrics["critics/predicted"]).toBeGreaterThan(0.5);
  expect(lesson?.samples.captions).toHaveLength(256);
  expect(mean(levelsOf(lesson?.samples.captions ?? []))).toBeGreaterThan(mean(levels) + 30);
  expect(lesson?.replay).toHaveLength(64);
  expect(mean((lesson?.replay ?? []).map((row) => levels[row]))).toBeGreaterThan(mean(levels) + 20);
  const before = tf.memory().numTensors;
  expect((await lessonOf(round)).lesson).toEqual(lesson);
  expect(tf.memory().numTensors).toBe(before);
});

it("is of this set and the last, and keeps no more than one", async () => {
  const first = await lessonOf(roundOf(bright));
  const kept = { ...nothing, ...first.lesson?.kept };
  const { lesson } = await lessonOf(roundOf(bright, { set: 2 }), kept);
  const sets = (lesson?.samples.captions ?? []).map((text) => text.split(":")[0]);
  for (const set of ["1", "2"])
    expect(Math.abs(sets.filter((own) => own === set).length - 128)).toBeLessThan(2);
  expect(lesson?.kept.taught?.prompts).toEqual(levels.map((level) => `2: ${level}`));
});

it("is none where the critics do not tell pictures apart", async () => {
  const byChance = (stream: string) => {
    const rng = createRng(stream);
    return lessonOf(roundOf(levels.map(() => Math.exp(rng.normal()))));
  };
  const { lesson, metrics } = await byChance("chance");
  expect(lesson).toBeUndefined();
  expect(metrics["critics/undecided"]).toBe(1);
  // Of few pictures chance tells more.
  const lucky = (await byChance("chance 6")).metrics;
  expect(lucky["critics/predicted"]).toBeGreaterThan(0.25);
  expect(lucky["critics/undecided"]).toBe(1);
  const alike = await lessonOf(roundOf(levels.map(() => 1)));
  expect(alike.metrics).toEqual({ "critics/predicted": 0, "critics/undecided": 1 });
  const one = await lessonOf(roundOf(levels.map((_, i) => Number(i === 7))));
  expect(one.metrics).toEqual({ "critics/predicted": 0, "critics/undecided": 1 });
});

it("is none where no critic speaks, or nobody sees pictures", async () => {
  const { verdict: _, ...unseen } = roundOf(bright);
  for (const round of [
    roundOf(undefined),
    roundOf(levels.map(() => 0)),
    { ...unseen, verdict: undefined },
  ])
    expect(await lessonOf(round)).toEqual({ metrics: { "critics/silent": 1 } });
});

it("is of public pictures alone where no picture shows its class at all", async () => {
  const { lesson } = await lessonOf(roundOf(bright, { seen: 0 }));
  expect(lesson?.samples.captions).toEqual([]);
  expect(lesson?.samples.images.shape).toEqual([0, 4, 4, 3]);
  expect(lesson?.replay).toHaveLength(64);
});
