import type { Clock } from "@tandem/core/clock";
import { u8 } from "@tandem/core/tensor";
import type { Dataset } from "@tandem/datasets/dataset";
import { type SimulationOptions, simulate } from "../simulate";
import { createCopyist } from "./copyist";

/** Sixty samples of two classes, dark and bright, of one source. */
export const size = 60;
export const set = {
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
} as unknown as Dataset; // what a teacher process would ask for is not there

/** Stands still, but calls back. */
export const clock: Clock = {
  now: () => 0,
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** One strategy with few samples; a deadline is longer than any test. */
export const runTiny = (
  strategy: string,
  {
    clients = 3,
    config = {},
    ...others
  }: Partial<Pick<SimulationOptions, "attack" | "faults" | "clients" | "virtual" | "onView">> & {
    readonly config?: Readonly<Record<string, unknown>>;
  } = {},
) =>
  simulate({
    ...others,
    config: {
      name: strategy,
      strategy,
      strategyConfig: { localEpochs: 1, warmUpEpochs: 20, learningRate: 0.01 },
      dataset: "emoji-style",
      rounds: 1,
      seed: 1,
      slots: clients,
      deadlineMs: 600_000,
      ...config,
    },
    clients,
    source: async () => source,
    teacher: async () => createCopyist(set),
    clock,
  });
