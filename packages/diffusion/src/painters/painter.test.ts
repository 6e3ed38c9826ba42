import type { LabelledSet } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import { u8 } from "@tandem/core/tensor";
import { decodeSafetensors, encodeSafetensors } from "@tandem/protocol/safetensors";
import { beforeAll, describe, expect, it } from "vitest";
import type { DiffusionModel } from "../diffusion-model";
import { createLatents } from "../latents";
import { painterContract } from "../testing/painter.contract";
import { twoColours } from "../testing/two-colours";
import { mixed } from "../training/adapter-training";
import { createTrainer } from "../training/trainer";
import { createPainter } from "./painter";

const side = 16;
const rng = createRng("painter test");
/** Red pictures are called "a: red", blue ones "a: blue". */
const images = u8(
  [8, side, side, 3],
  Uint8Array.from({ length: 8 * side * side * 3 }, (_, i) => {
    const red = Math.floor(i / (side * side * 3)) % 2 === 0;
    return i % 3 === (red ? 0 : 2) ? 200 + rng.integer(40) : rng.integer(40);
  }),
);
const captions = Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? "a: red" : "a: blue"));
const set: LabelledSet = { size: 8, labels: new Int32Array(8), images, captions };
const painting = { prompts: ["a: red", "a: blue", "a: red"], seed: 1, steps: 4, guidance: 2 };
const finetuning = {
  rank: 2,
  samples: { images, captions, weights: Array(8).fill(1) },
  replay: { share: 0.5, rows: [0, 2] },
  batchSize: 4,
  learningRate: 3e-3,
  seed: 1,
};

/** Mean red less mean blue of a picture. */
function redness(data: Uint8Array, picture: number): number {
  const pixels = side * side;
  let sum = 0;
  for (let i = 0; i < pixels; i++) {
    const at = (picture * pixels + i) * 3;
    sum += data[at] - data[at + 2];
  }
  return sum / pixels;
}

const fresh = twoColours({ vocabulary: { words: ["a", "red", "blue"], buckets: 2 }, side });
painterContract("a model of random weights", async () => createPainter({ model: fresh }), captions);

let model: DiffusionModel;
beforeAll(async () => {
  const codec = createLatents(fresh);
  const latents = await codec.encode(images);
  await codec.close();
  const trainer = await createTrainer(fresh, {
    sample: mixed({ latents, captions }, undefined),
    latents: [12, side / 2, side / 2],
    batchSize: 8,
    learningRate: () => 3e-3,
    seed: "painter test",
  });
  for (let step = 0; step < 200; step++) await trainer.step();
  model = { ...fresh, weights: { ...fresh.weights, ...trainer.trained() } };
  await trainer.close();
}, 60_000);

describe("a painter on a base of diffusers' classes", () => {
  it("paints what the prompt says, in the same bytes for the same request", async () => {
    const painter = createPainter({ model });
    const first = await painter.generate(painting);
    expect(first.shape).toEqual([3, side, side, 3]);
    const [red, blue, another] = [0, 1, 2].map((picture) => redness(first.data, picture));
    expect(red).toBeGreaterThan(50);
    expect(blue).toBeLessThan(-50);
    expect(another).toBeGreaterThan(50);
    expect((await painter.generate(painting)).data).toEqual(first.data);
    expect((await painter.generate({ ...painting, seed: 2 })).data).not.toEqual(first.data);
    await painter.close();
  });

  it("fine-tunes an adapter that trains on, survives a file and changes the pictures", async () => {
    const painter = createPainter({ model, replay: set });
    const plain = await painter.generate(painting);
    const fresh = await painter.finetune({ ...finetuning, steps: 0 });
    const names = Object.keys(fresh.adapter);
    expect(names).toContain("unet.class_embedding.linear_1.lora_B.weight");
    expect(names.some((name) => name.endsWith("attn2.to_out.0.lora_A.weight"))).toBe(true);
    expect(names.every((name) => /^unet\..*\.lora_[AB]\.weight$/.test(name))).toBe(true);
    const same = await painter.generate({ ...painting, adapter: fresh.adapter });
    expect(same.data).toEqual(plain.data);

    const wrong = {
      ...finetuning.samples,
      images: u8(
        [8, side, side, 3],
        images.data.map((_, i) => (i % 3 === 0 ? 220 : 20)),
      ),
      captions: captions.map(() => "a: blue"),
    };
    // Red pictures called blue: the adapter should learn to paint blue red.
    const request = {
      ...finetuning,
      samples: wrong,
      replay: { share: 0, rows: [] },
      rank: 4,
      learningRate: 2e-2,
    };
    const { adapter, losses } = await painter.finetune({ ...request, steps: 60 });
    expect(losses).toHaveLength(60);
    const { arrays } = decodeSafetensors(encodeSafetensors(adapter));
    expect(arrays).toEqual(adapter);
    const turned = await painter.generate({ ...painting, adapter: arrays });
    expect(redness(turned.data, 1)).toBeGreaterThan(redness(plain.data, 1) + 50);
    const further = await painter.finetune({ ...request, adapter, steps: 1 });
    expect(further.losses[0]).toBeLessThan(losses[0]);
    await painter.close();
  });

  it("leaves to a distilled model what that was made for, adapter and all, and nothing else", async () => {
    const distilled = { model: fresh, steps: 4, guidance: 2 };
    const [painter, plain, alone] = [
      createPainter({ model, distilled, replay: set }),
      createPainter({ model }),
      createPainter({ model: fresh }),
    ];
    const { adapter } = await painter.finetune({ ...finetuning, steps: 1 });
    for (const own of [{}, { adapter }]) {
      const [quick, slow] = [
        { ...painting, ...own },
        { ...painting, ...own, steps: 5 },
      ];
      const single = await alone.generate({ ...quick, guidance: 1 });
      expect((await painter.generate(quick)).data).toEqual(single.data);
      expect((await painter.generate(slow)).data).toEqual((await plain.generate(slow)).data);
    }
    for (const each of [painter, plain, alone]) await each.close();
  });

  it("says which sampler stands in for its model's own, or nothing", async () => {
    const scheduler = { ...fresh.configs.scheduler, _class_name: "UniPCMultistepScheduler" };
    const other = { ...fresh, configs: { ...fresh.configs, scheduler } };
    const told: string[] = [];
    const notice = (text: string) => told.push(text);
    await createPainter({ model: fresh, notice }).close();
    expect(told).toEqual([]);
    await createPainter({ model: other, notice }).close();
    expect(told).toEqual([
      "UniPCMultistepScheduler is not here: DPMSolverMultistepScheduler samples in its place",
    ]);
  });

  it("replay alone trains too; without public samples it is refused, and abortion stops", async () => {
    const painter = createPainter({ model, replay: set });
    const none = { images: u8([0, side, side, 3], []), captions: [], weights: [] };
    const { losses } = await painter.finetune({ ...finetuning, samples: none, steps: 1 });
    expect(losses[0]).toBeGreaterThan(0);
    const abort = new AbortController();
    await expect(
      painter.finetune(
        { ...finetuning, steps: 3 },
        { signal: abort.signal, progress: () => abort.abort() },
      ),
    ).rejects.toMatchObject({ code: "cancelled" });
    await painter.close();
    const poor = createPainter({ model });
    await expect(poor.finetune({ ...finetuning, steps: 1 })).rejects.toMatchObject({
      code: "bad-data",
    });
    await poor.close();
  });
});
