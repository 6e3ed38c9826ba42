import { createRng } from "@tandem/core/rng";
import type { ServerEnv } from "@tandem/core/strategy";
import { u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import { beforeAll, expect, it } from "vitest";
import { distilledCritic, drawnBy, importancesBy, publicImportances, resampled } from "./server";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

it("resampling takes each as often as its weight says, or once more", () => {
  const weights = [0, 1, 2.5, 0, 4.5];
  for (const seed of [1, 2, 3]) {
    const rows = resampled(weights, 16, createRng(seed));
    expect(rows).toHaveLength(16);
    weights.forEach((weight, i) => {
      const times = rows.filter((row) => row === i).length;
      expect(Math.abs(times - (16 * weight) / 8)).toBeLessThan(1);
      if (weight === 0) expect(times).toBe(0);
    });
  }
  expect(resampled([0, 0], 16, createRng(1))).toEqual([]);
  expect(resampled([], 16, createRng(1))).toEqual([]);
});

/** Grey pictures, the brighter the more important, of two classes in turn. */
const levels = Array.from({ length: 32 }, (_, i) => 8 * i);
const pictures = {
  images: u8(
    [32, 4, 4, 3],
    levels.flatMap((level) => Array<number>(48).fill(level)),
  ),
  labels: levels.map((_, i) => i % 2),
};
const { signal } = new AbortController();
const learnt = () =>
  distilledCritic(
    pictures,
    levels.map((level) => Math.exp(level / 64 - 2)),
    { critic: {}, classes: 2, rng: createRng("server"), signal },
  );

it("learns what the clients said and says it of other pictures; those of each class that it prefers are published", async () => {
  const critic = await learnt();
  const [dark, bright] = [20, 230];
  const others = {
    images: u8(
      [4, 4, 4, 3],
      [dark, bright, bright, dark].flatMap((x) => Array<number>(48).fill(x)),
    ),
    labels: [0, 0, 1, 1],
  };
  const said = await importancesBy(critic, others);
  expect(said.reduce((a, b) => a + b, 0)).toBeCloseTo(4, 9);
  expect(said[1] / said[0]).toBeGreaterThan(3);
  expect(said[2] / said[3]).toBeGreaterThan(3);
  const drawn = async (countOf: (label: number) => number) =>
    Promise.all(
      Array.from({ length: 40 }, (_, seed) => drawnBy(critic, others, countOf, createRng(seed))),
    );
  const pairs = await drawn(() => 1);
  expect(pairs.every(([first, second]) => first < 2 && second >= 2)).toBe(true);
  const share = pairs.flat().filter((row) => row === 1 || row === 2).length / 80;
  expect(share).toBeGreaterThan(0.6); // e^g is three and more to one, and chance is a half
  expect(new Set(pairs.map(String)).size).toBeGreaterThan(1);
  expect(new Set((await drawn((label) => 2 * label)).map(String))).toEqual(new Set(["2,3"]));
});

it("goes on from what it knew", async () => {
  const critic = await learnt();
  const again = await distilledCritic(
    pictures,
    levels.map(() => 1),
    {
      critic,
      classes: 2,
      rng: createRng("server"),
      signal,
    },
  );
  expect(again.kernel1).not.toEqual(critic.kernel1);
  const spread = async (net: typeof critic) => {
    const said = await importancesBy(net, pictures);
    return Math.max(...said) / Math.min(...said);
  };
  expect(await spread(again)).toBeLessThan((await spread(critic)) / 2);
});

it("as a control knows public pictures alone, and says nothing of classes of which it has too few", async () => {
  const isShown = (i: number) => pictures.labels[i] === 0 || i < 8;
  const publicSet = { ...pictures, labels: pictures.labels.map((c, i) => (isShown(i) ? c : 2)) };
  const env = {
    classes: ["a", "b", "c"],
    rng: createRng("control"),
    signal,
    teacher: { publicSet },
  };
  const said = await publicImportances(pictures, env as unknown as ServerEnv); // all that it asks for
  const of = (label: number) => [...said].filter((_, i) => pictures.labels[i] === label);
  expect(Math.min(...of(0))).toBeGreaterThan(0);
  expect(of(0).reduce((a, b) => a + b, 0) / 16).toBeCloseTo(1, 5);
  expect(of(1)).toEqual(Array(16).fill(0));
});
