import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createRng } from "@tandem/core/rng";
import { floats, value } from "@tandem/graph/onnx-session";
import { compileStateful } from "@tandem/graph/stateful";
import { input } from "@tandem/graph/tensor";
import { describe, expect, it } from "vitest";
import { schedulerFromConfig } from "../schedulers/registry";
import { fillZeros, twoColours } from "../testing/two-colours";
import { snrWeight } from "./batch";
import { traceGradient } from "./objective";
import { loadState, saveState } from "./state";
import { createTrainer, type Trainer, type TrainerOptions } from "./trainer";

const model = twoColours();
const rng = createRng("trainer test");
fillZeros(model.weights, () => rng.normal() / 20);
const stride = 12 * 4 * 4;
const pictures = ["red", "blue"].map((caption, i) => ({
  caption,
  latents: Float32Array.from({ length: stride }, (_, j) => Math.sin(j * (i + 1))),
  weight: 1,
}));
const options: TrainerOptions = {
  sample: (rng) => pictures[rng.integer(2)],
  batchSize: 4,
  latents: [12, 4, 4],
  learningRate: (step) => 3e-3 / step ** 0.1,
  seed: "test",
  averageDecay: 0.9,
};
const lora = { rank: 2, targets: (module: string) => /attn[12]\.to_/.test(module) };

async function steps(trainer: Trainer, count: number) {
  const losses: number[] = [];
  for (let i = 0; i < count; i++) losses.push((await trainer.step()).loss);
  return losses;
}

async function trainedAfter(count: number, more: Partial<TrainerOptions>) {
  const trainer = await createTrainer(model, { ...options, ...more });
  const losses = await steps(trainer, count);
  const state = trainer.state();
  await trainer.close();
  return { losses, state };
}

describe("training", () => {
  it.each([
    ["all parameters", {}],
    ["an adapter, two batches a step, near the base", { lora, accumulate: 2, nearBase: 0.5 }],
    ["all parameters with checkpointing", { checkpointing: true }],
    ["an adapter with checkpointing", { lora, nearBase: 0.5, checkpointing: true }],
  ])("of %s: four steps are two, a file, and two more, to the bit", async (_, more) => {
    const whole = await trainedAfter(4, more);
    const first = await trainedAfter(2, more);
    const directory = await mkdtemp(join(tmpdir(), "tandem-state-"));
    await saveState(join(directory, "state.safetensors"), first.state);
    const loaded = await loadState(join(directory, "state.safetensors"));
    expect(loaded).toEqual(first.state);
    const trainer = await createTrainer(model, { ...options, ...more }, loaded);
    expect(await steps(trainer, 2)).toEqual(whole.losses.slice(2));
    expect(trainer.state()).toEqual(whole.state);
    await trainer.close();
    await rm(directory, { recursive: true });
  });

  it.each([
    ["all parameters", {}],
    ["an adapter near the base", { lora, nearBase: 0.5 }],
  ])("of %s: checkpointing gives the same gradient", async (_, more) => {
    // Moments after one step: m = 0.1 g, unclipped.
    const gradient = async (checkpointing: boolean) => {
      const { losses, state } = await trainedAfter(1, { ...more, clip: 1e9, checkpointing });
      return { losses, m: state.vectors.m };
    };
    const [kept, again] = [await gradient(false), await gradient(true)];
    expect(again.losses).toEqual(kept.losses);
    const norm = (of: Float32Array) => Math.sqrt(of.reduce((sum, x) => sum + x * x, 0));
    expect(norm(kept.m)).toBeGreaterThan(0);
    expect(norm(kept.m.map((x, i) => x - again.m[i])) / norm(kept.m)).toBeLessThan(1e-6);
  });

  it("refuses a state of another seed or another adapter", async () => {
    const { state } = await trainedAfter(1, { lora });
    await expect(createTrainer(model, { ...options, lora, seed: 2 }, state)).rejects.toMatchObject({
      code: "conflict",
    });
    const wider = { ...lora, rank: 3 };
    await expect(createTrainer(model, { ...options, lora: wider }, state)).rejects.toThrow(
      /lora_A\.weight \[2,\d+\] where this model has .*\[3,\d+\]/,
    );
  });

  it("lowers the loss, and the average of the weights follows them", async () => {
    const trainer = await createTrainer(model, options);
    const losses = await steps(trainer, 60);
    const mean = (of: number[]) => of.reduce((a, b) => a + b) / of.length;
    expect(mean(losses.slice(-10))).toBeLessThan(0.8 * mean(losses.slice(0, 10)));
    const name = "unet.conv_in.weight";
    const [average, latest] = [trainer.trained(), trainer.trained({ latest: true })];
    const start = model.weights[name].data;
    const distance = (of: ArrayLike<number>) =>
      Math.hypot(...Array.from(start, (x, i) => x - of[i]));
    expect(distance(average[name].data)).toBeGreaterThan(0);
    expect(distance(average[name].data)).toBeLessThan(distance(latest[name].data));
    await trainer.close();
  });

  it("the kept gradient is the mean of a step's batches, and begins anew with each step", async () => {
    const gradient = input("g", [2]);
    const traced = { loss: input("l", []), gradient, variable: gradient, layout: [] };
    const graph = await compileStateful(traceGradient({ ...traced, specs: new Map() }), {
      sum: value(Float32Array.of(7, 7), [2]),
    });
    const one = (x: number) => value(Float32Array.of(x), []);
    const run = (g: number[], keep: number) =>
      graph.run({
        g: value(Float32Array.from(g), [2]),
        l: one(0),
        keep: one(keep),
        share: one(0.5),
      });
    await run([2, 4], 0);
    await run([4, 8], 1);
    expect([...floats(graph.state().sum)]).toEqual([3, 6]);
    await graph.release();
  });

  it("the term that holds the adapter near the base is nothing at first, and pulls later", async () => {
    const unweighted = { lora, sample: () => ({ ...pictures[0], weight: 0 }), nearBase: 1 };
    const fresh = await trainedAfter(1, unweighted);
    expect(fresh.losses).toEqual([0]);
    const free = await trainedAfter(20, { lora });
    const held = await trainedAfter(20, { lora, nearBase: 100 });
    const up = (state: typeof free.state) => {
      let at = 0;
      let sum = 0;
      for (const { name, shape } of state.layout) {
        const size = shape.reduce((a, b) => a * b);
        if (name.includes("lora_B"))
          for (const x of state.vectors.trained.subarray(at, at + size)) sum += x * x;
        at += size;
      }
      return sum;
    };
    expect(up(held.state)).toBeLessThan(up(free.state));
  });

  it("a full training leaves the copy of the base that it is held near as it was", async () => {
    const unweighted = { sample: () => ({ ...pictures[0], weight: 0 }), nearBase: 1 };
    // Zero but for rounding: the copy is another part of the graph.
    expect((await trainedAfter(1, unweighted)).losses[0]).toBeLessThan(1e-10);
    const { losses } = await trainedAfter(2, { nearBase: 1 });
    const { losses: free } = await trainedAfter(2, {});
    expect(losses[0]).toBeCloseTo(free[0], 6);
    expect(losses[1]).toBeGreaterThan(free[1]);
  });

  it("keeps its memory flat", async () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const trainer = await createTrainer(model, options);
    // Buffers are swept behind the collector's back: the least of some counts is what is held.
    const used = async () => {
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 10; i++) {
        collect();
        await setTimeout(20);
        const { external, arrayBuffers } = process.memoryUsage();
        least = Math.min(least, external + arrayBuffers);
      }
      return least;
    };
    const vector = 4 * trainer.state().vectors.trained.length;
    await steps(trainer, 20);
    const before = await used();
    await steps(trainer, 100);
    expect((await used()) - before).toBeLessThan(vector);
    await trainer.close();
  });
});

it("min-SNR weighs by hand: γ = 5", () => {
  const at = (ratio: number, predictionType: "epsilon" | "v_prediction") =>
    snrWeight({ predictionType, snr: () => ratio }, 0, 5);
  expect(at(20, "epsilon")).toBe(0.25); // 5 / 20
  expect(at(2, "epsilon")).toBe(1);
  expect(at(9, "v_prediction")).toBe(0.5); // 5 / 10
  expect(at(1, "v_prediction")).toBe(0.5); // 1 / 2
  const cosine = schedulerFromConfig(model.configs.scheduler);
  expect(snrWeight(cosine, 999, 5)).toBe(0);
  expect(snrWeight(cosine, 500, undefined)).toBe(1);
});
