import { createRng } from "@tandem/core/rng";
import { u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import { beforeAll, expect, it } from "vitest";
import { bestOf, distilledCritic, importancesBy, resampled } from "./server";

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

it("learns what the clients said and says it of other pictures; the best of each class are published", async () => {
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
  expect(await bestOf(critic, others, () => 1)).toEqual([1, 2]);
  expect(await bestOf(critic, others, (label) => 2 * label)).toEqual([2, 3]);
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
