import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNodeEngine } from "@tandem/engine/node";
import { createFolderClientStore } from "@tandem/storage/folder-client";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import type { SimulationResult } from "./simulate";
import { runTiny } from "./testing/tiny-simulation";
import { takingTurns } from "./virtual-client";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

/** Everything of a run but what the clock says. */
const timeless = ({ view, metrics }: SimulationResult) => ({
  metrics,
  clients: view.clients.map(({ slot, samples, accuracy, bytesUp, bytesDown }) => ({
    ...{ slot, samples, accuracy, bytesUp, bytesDown },
  })),
  rounds: view.rounds.map(({ phases: _, endedAt: __, ...round }) => round),
});

it.each(["fedavg", "fedmd"])(
  "%s has the very numbers and bytes of sessions when clients wait in a folder",
  async (strategy) => {
    const folder = await mkdtemp(join(tmpdir(), "tandem-virtual-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const config = { rounds: 2, participation: 0.67 };
    const storeOf = (slot: number) => createFolderClientStore(join(folder, String(slot)));
    const sessions = await runTiny(strategy, { config });
    const virtual = await runTiny(strategy, { config, virtual: { storeOf, atOnce: 1 } });
    expect(timeless(virtual)).toEqual(timeless(sessions));
    expect(sessions.metrics.length).toBeGreaterThan(2);
    expect((await readdir(folder)).length).toBeGreaterThanOrEqual(2); // whoever was asked
  },
  60_000,
);

it("so many work at a time, in the order in which they have come", async () => {
  const turn = takingTurns(2);
  const order: string[] = [];
  const finish: (() => void)[] = [];
  const works = ["a", "b", "c", "d"].map((name) =>
    turn(async () => {
      order.push(name);
      await new Promise<void>((resolve) => finish.push(resolve));
      if (name === "b") throw new Error("b");
    }),
  );
  works[1].catch(() => {}); // looked at below
  await Promise.resolve();
  expect(order).toEqual(["a", "b"]);
  finish[1]();
  await expect(works[1]).rejects.toThrow("b");
  expect(order).toEqual(["a", "b", "c"]);
  finish[0]();
  finish[2]();
  await works[0];
  await new Promise((resolve) => setTimeout(resolve, 1));
  finish[3]();
  await works[3];
  expect(order).toEqual(["a", "b", "c", "d"]);
});
