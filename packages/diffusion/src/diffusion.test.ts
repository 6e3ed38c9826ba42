import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LabelledSet } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import { f32, u8 } from "@tandem/core/tensor";
import { decodeSafetensors, encodeSafetensors } from "@tandem/protocol/safetensors";
import { beforeAll, describe, expect, it } from "vitest";
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from "./checkpoint";
import { isLora, mergeLora } from "./lora";
import { pretrain } from "./pretrain";
import { ddimStep } from "./schedule";
import { createTextToImage, guide } from "./text-to-image";

const side = 16;
const rng = createRng("diffusion test");
/** Red pictures are called "a: red", blue ones "a: blue". */
const set: LabelledSet = {
  size: 8,
  labels: new Int32Array(8),
  images: u8(
    [8, side, side, 3],
    Uint8Array.from({ length: 8 * side * side * 3 }, (_, i) => {
      const red = Math.floor(i / (side * side * 3)) % 2 === 0;
      return i % 3 === (red ? 0 : 2) ? 200 + rng.integer(40) : rng.integer(40);
    }),
  ),
  captions: Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? "a: red" : "a: blue")),
};
const images = set.images ?? u8([0, side, side, 3], []);
const finetuning = {
  rank: 2,
  samples: { images, captions: set.captions ?? [], weights: Array(8).fill(1) },
  replay: { share: 0.5, rows: [0, 2] },
  batchSize: 4,
  learningRate: 3e-3,
  seed: 1,
};
const painting = { prompts: ["a: red", "a: blue", "a: red"], seed: 1, steps: 4, guidance: 2 };

let checkpoint: Checkpoint;
let losses: readonly number[];
beforeAll(async () => {
  ({ checkpoint, losses } = await pretrain({
    set,
    vocabulary: { words: ["a", "red", "blue"], buckets: 2 },
    steps: 240,
    batchSize: 8,
    learningRate: 3e-3,
    seed: 1,
    threads: 1,
    widths: [8, 16],
  }));
});
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

it("a DDIM step at t = 1/2 to 0 gives x0, clamped", () => {
  // α = σ = √½: x0 = √½ (x - v) = √½ 0.4, and √½ 3 → 1.
  const x = Float32Array.of(0.6, 2);
  ddimStep(x, Float32Array.of(0.2, -1), 0.5, 0);
  expect(x[0]).toBeCloseTo(Math.SQRT1_2 * 0.4, 6);
  expect(x[1]).toBeCloseTo(1, 6);
});

it("a DDIM step to t = 1/3 keeps the noise it found", () => {
  // x0 = √½ 0.4, ε = √½ (x + v) = √½ 0.8; α(1/3) = cos 30°, σ(1/3) = sin 30°.
  const x = Float32Array.of(0.6);
  ddimStep(x, Float32Array.of(0.2), 0.5, 1 / 3);
  expect(x[0]).toBeCloseTo(Math.SQRT1_2 * (0.4 * 0.866025 + 0.8 * 0.5), 5);
});

it("guidance 2 doubles the way from unconditioned to conditioned", () => {
  expect([...guide(Float32Array.of(3, 1), 2)]).toEqual([5]);
});

it("pre-training lowers the loss", () => {
  expect(mean(losses.slice(-10))).toBeLessThan(0.7 * mean(losses.slice(0, 10)));
});

it("an adapter with B = 0 changes nothing, and W + B A is what merging gives", () => {
  const base = { "q.weight": f32([2, 2], [1, 2, 3, 4]) };
  const a = f32([1, 2], [10, 20]);
  const merge = (b: readonly number[]) =>
    mergeLora(base, { "q.lora_A.weight": a, "q.lora_B.weight": f32([2, 1], b) })["q.weight"].data;
  expect([...merge([0, 0])]).toEqual([1, 2, 3, 4]);
  expect([...merge([1, -1])]).toEqual([11, 22, -7, -16]);
});

describe("text to image", () => {
  it("paints the same bytes for the same request, others for another seed", async () => {
    const painter = createTextToImage({ checkpoint });
    const first = await painter.generate(painting);
    expect(first.shape).toEqual([3, side, side, 3]);
    expect((await painter.generate(painting)).data).toEqual(first.data);
    expect((await painter.generate({ ...painting, seed: 2 })).data).not.toEqual(first.data);
    await painter.close();
  });

  it("fine-tunes an adapter that trains on, survives a file and changes the pictures", async () => {
    const painter = createTextToImage({ checkpoint, replay: set });
    const fresh = await painter.finetune({ ...finetuning, steps: 0 });
    const names = Object.keys(fresh.adapter);
    expect(names.every(isLora)).toBe(true);
    expect(names).toContain("add_embedding.linear_1.lora_B.weight");
    expect(names.some((name) => name.endsWith("attn2.to_q.lora_A.weight"))).toBe(true);
    const plain = await painter.generate(painting);
    const same = await painter.generate({ ...painting, adapter: fresh.adapter });
    expect(same.data).toEqual(plain.data);

    const { adapter, losses } = await painter.finetune({ ...finetuning, steps: 3 });
    expect(losses).toHaveLength(3);
    const { arrays } = decodeSafetensors(encodeSafetensors(adapter));
    expect(arrays).toEqual(adapter);
    const changed = await painter.generate({ ...painting, adapter: arrays });
    expect(changed.data).not.toEqual(plain.data);
    await painter.close();
  });

  it("refuses replay without public samples, and stops when aborted", async () => {
    const painter = createTextToImage({ checkpoint });
    await expect(painter.finetune({ ...finetuning, steps: 1 })).rejects.toMatchObject({
      code: "bad-data",
    });
    const abort = new AbortController();
    const progress = () => abort.abort();
    await expect(
      painter.generate(painting, { signal: abort.signal, progress }),
    ).rejects.toMatchObject({ code: "cancelled" });
    await painter.close();
  });

  it("a saved checkpoint loads with weights rounded to half precision", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tandem-checkpoint-"));
    await saveCheckpoint(directory, checkpoint);
    const once = await loadCheckpoint(directory);
    expect(once.config).toEqual(checkpoint.config);
    expect(Object.keys(once.weights).sort()).toEqual(Object.keys(checkpoint.weights).sort());
    await saveCheckpoint(directory, once);
    expect(await loadCheckpoint(directory)).toEqual(once);
    await rm(directory, { recursive: true });
  });
});
