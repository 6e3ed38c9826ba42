import { u8 } from "@tandem/core/tensor";
import type { Dataset } from "@tandem/datasets/dataset";
import { startNodeEngine } from "@tandem/engine/node";
import { beforeAll, expect, it } from "vitest";
import type { Attack } from "./attacks";
import { simulate } from "./simulate";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

/** Sixty samples of two classes, dark and bright, of one source. */
const size = 60;
const set = {
  size,
  labels: Int32Array.from({ length: size }, (_, i) => i % 2),
  images: u8(
    [size, 8, 8, 3],
    Uint8Array.from({ length: size * 192 }, (_, i) => 90 * (Math.floor(i / 192) % 2) + (i % 60)),
  ),
  captions: Array.from({ length: size }, (_, i) => (i % 2 === 0 ? "dark" : "bright")),
};
const source = {
  classes: ["dark", "bright"],
  vocabulary: { words: ["dark", "bright"], buckets: 2 },
  deal: () => ({ pools: [{ source: "all", set }], test: set }),
} as unknown as Dataset; // no teacher takes part

const run = (strategy: string, attack?: Attack) =>
  simulate({
    ...(attack && { attack }),
    config: {
      name: strategy,
      strategy,
      strategyConfig: { localEpochs: 1, warmUpEpochs: 20, learningRate: 0.01 },
      dataset: "emoji-style",
      rounds: 1,
      seed: 1,
      slots: 3,
      deadlineMs: 600_000,
    },
    clients: 3,
    source,
    teacher: () => Promise.reject(new Error("no teacher is needed")),
    clock: {
      now: () => 0,
      after(delayMs, callback) {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      },
    },
  });

it("pools the samples of all clients for the strategy that needs them, and for no other", async () => {
  const [alone, pooled] = [await run("local"), await run("centralised")];
  const samples = ({ view }: typeof alone) => view.clients.map((client) => client.samples);
  const [image, text, pairs] = samples(alone); // disjoint, as places take modalities in turn
  expect(image + text + pairs).toBe(size);
  expect(samples(pooled)).toEqual([image + pairs, text + pairs, pairs]);
  expect(pooled.view.rounds[0].metrics["accuracy/mean"]).toBeGreaterThan(0.9);
}, 60_000);

it("lets the share of clients lie that it is told, and nobody else", async () => {
  const [honest, attacked] = [
    await run("local"),
    await run("local", { kind: "label-flip", share: 1 / 3, seed: 1 }),
  ];
  expect([honest.attackers.length, attacked.attackers.length]).toEqual([0, 1]);
  const before = honest.view.clients;
  for (const { slot, accuracy } of attacked.view.clients)
    if (attacked.attackers.includes(slot)) expect(accuracy).toBeLessThan(0.1);
    else expect(accuracy).toBe(before.find((client) => client.slot === slot)?.accuracy);
}, 60_000);
