import { startNodeEngine } from "@tandem/engine/node";
import { beforeAll, expect, it } from "vitest";
import { runTiny as run, size } from "./testing/tiny-simulation";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
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
    await run("local", { attack: { kind: "label-flip", share: 1 / 3, seed: 1 } }),
  ];
  expect([honest.attackers.length, attacked.attackers.length]).toEqual([0, 1]);
  const before = honest.view.clients;
  for (const { slot, accuracy } of attacked.view.clients)
    if (attacked.attackers.includes(slot)) expect(accuracy).toBeLessThan(0.1);
    else expect(accuracy).toBe(before.find((client) => client.slot === slot)?.accuracy);
  // The round's mean is of the honest ones.
  const others = attacked.view.clients.filter(({ slot }) => !attacked.attackers.includes(slot));
  const mean = others.reduce((sum, { accuracy = 0 }) => sum + accuracy / others.length, 0);
  expect(attacked.view.rounds[0].metrics["accuracy/mean"]).toBeCloseTo(mean);
}, 60_000);
