import type { LabelledSet } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import { u8 } from "@tandem/core/tensor";
import { afterEach, expect, it, vi } from "vitest";
import { benchCommand } from "./command";
import { criticTable } from "./critic-report";
import { areaOf, plant } from "./membership";
import { membershipTable } from "./membership-report";

/** Pictures of one pixel, each of another grey from `first`. */
const setOf = (first: number, labels: readonly number[]): LabelledSet => ({
  size: labels.length,
  labels: Int32Array.from(labels),
  images: u8(
    [labels.length, 1, 1, 3],
    labels.flatMap((_, i) => Array(3).fill(first + i)),
  ),
});
const planting = { classes: 4, most: 12, rng: createRng("plant") };

it("plants as many own pictures of each class as unseen ones, of classes that are spoken of", () => {
  // Of class 1 the client holds too few to speak of, of class 3 the others hold none.
  const own = setOf(0, [...Array(10).fill(0), 1, 1, ...Array(8).fill(2), ...Array(5).fill(3)]);
  const others = [setOf(100, [0, 1, 2, 0, 2, 2]), setOf(200, [2, 2, 2])];
  const planted = plant(own, others, planting);
  if (!planted) throw new Error("nothing was planted");
  const { images, labels, isOwn } = planted;
  const of = (mine: boolean) => Array.from(labels).filter((_, i) => isOwn[i] === mine);
  expect(of(true)).toEqual([0, 0, 2, 2, 2, 2]);
  expect(of(false)).toEqual(of(true));
  const greys = Array.from(labels, (_, i) => images.data[3 * i]);
  expect(greys.map((grey) => grey < 100)).toEqual(isOwn);
  expect(new Set(greys).size).toBe(12);
  const trueLabel = (grey: number) =>
    grey < 100 ? own.labels[grey] : grey < 200 ? others[0].labels[grey - 100] : 2;
  expect(greys.map(trueLabel)).toEqual(Array.from(labels));
});

it("plants nothing where nobody else holds a class that the client speaks of", () => {
  const own = setOf(0, Array(10).fill(0));
  expect(plant(own, [], planting)).toBeUndefined();
  expect(plant(own, [setOf(100, [1, 2])], planting)).toBeUndefined();
});

it("the AUC compares within a class alone, and counts a class by its pictures", () => {
  const planted = {
    images: setOf(0, Array(6).fill(0)).images ?? u8([0], []),
    labels: [0, 0, 0, 0, 2, 2],
    isOwn: [true, false, true, false, true, false],
  };
  // Class 0: own 3 and 1 against 2 and 0, three of four; class 2: the wrong way round.
  expect(areaOf([3, 2, 1, 0, 8, 9], planted, 3)).toBeCloseTo((4 * 0.75 + 2 * 0) / 6, 12);
});

const job = {
  kind: "membership",
  dataset: "some",
  seeds: [1, 2],
  clients: 3,
  alpha: 0.1,
  items: 8,
  among: ["nothing"],
  batches: [100],
  rounds: 1,
  threads: 1,
} as const;

it("the table has mean, deviation and extremes over clients", () => {
  const rows = [{ among: "nothing", batches: 100, areas: [0.5, 0.6] }] as const;
  expect(membershipTable({ job, rows })).toMatch(
    /100 +nothing +0\.550 ± 0\.071 +0\.500 +0\.600 +2\n$/,
  );
  const single = [{ ...rows[0], areas: [0.5] }];
  expect(membershipTable({ job, rows: single })).toMatch(/nothing +0\.500 +0\.500 +0\.500 +1\n$/);
});

it("a critic's time is told as a share of the round's", () => {
  const timing = (medianMs: number) => ({ name: "", medianMs, samples: 3 });
  const text = criticTable({
    machine: { processor: "Some", cores: 2, node: "v20", at: "now" },
    backend: "wasm",
    round: 2,
    rows: [{ architecture: "vit", samples: 400, critic: timing(50), round: timing(1000) }],
  });
  expect(text).toMatch(/vit +400 +50 +1000 +0\.050\n$/);
});

afterEach(() => vi.restoreAllMocks());
const run = async (...args: string[]) => {
  let told = "";
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    told += text;
    return true;
  });
  const set = ["--dataset", "emoji-domain"]; // built by any set-up
  await benchCommand().parseAsync(["membership", ...set, ...args], { from: "user" });
  return told;
};

it("the command audits every client that holds pictures", async () => {
  const sizes = ["--clients", "3", "--alpha", "100", "--items", "8", "--batches", "1,2"];
  const told = await run(...sizes, "--among", "nothing", "--rounds", "2");
  // Of three places one holds captions alone.
  expect(told).toMatch(/\n1 +nothing +0\.\d{3} ± .* 2\n2 +nothing .* 2\n$/);
  expect(told).toContain("8 pictures, answers of 2 rounds");
});

it("the command says so where no client can be compared with another", async () => {
  await expect(run("--clients", "1", "--batches", "1", "--among", "nothing")).rejects.toMatchObject(
    {
      code: "bad-config",
    },
  );
});
