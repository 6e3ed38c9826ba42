import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Arrays, f32, type TensorOf, u8 } from "@tandem/core/tensor";
import { toHalves } from "@tandem/protocol/half";
import { decodeForeign } from "@tandem/protocol/safetensors-stored";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DiffusionModel, loadModel, saveModel } from "./diffusion-model";
import { sourceOf, writeSafetensors } from "./files/weight-files";
import { createLatents } from "./latents";
import { componentWeights } from "./models/weights";
import { createPipeline } from "./pipeline";
import { randomStableDiffusion } from "./testing/random-folder";
import { smallBase } from "./training/small-base";
import { loadState, saveState } from "./training/state";
import { createTrainer, type TrainerOptions } from "./training/trainer";

// One place for each way by which a number that is none could become a picture, a weight or a metric.
const model = await randomStableDiffusion();

/** The model with one value of the named weight replaced. */
function broken(name: string, value = Number.NaN): DiffusionModel {
  const { shape, data } = model.weights[name];
  const other: TensorOf<"f32"> = f32(shape, Float32Array.from(data));
  other.data[other.data.length - 1] = value;
  return { ...model, weights: { ...model.weights, [name]: other } };
}

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-finite-"));
});
afterEach(() => rm(directory, { recursive: true }));

describe("no picture is made of numbers that are none", () => {
  const request = { prompts: ["red"], seed: 1, steps: 2, guidance: 1 };
  const norm = "text_encoder.text_model.final_layer_norm.bias";

  it.each([
    ["the text encoder's answer", norm, /context of the prompt "red": value \d+ of \d+ is NaN/],
    ["the U-Net's answer", "unet.conv_out.bias", /answer at step 1 of 2 \(timestep 999\)/],
    ["the decoder's", "vae.decoder.conv_out.bias", /decoded pictures: value \d+ .* NaN/],
  ])("%s", async (_, name, reason) => {
    const pipeline = createPipeline(broken(name));
    await expect(pipeline.paint(request)).rejects.toMatchObject({
      code: "bad-data",
      message: expect.stringMatching(reason),
    });
    await pipeline.close();
  });

  it("noise that is given", async () => {
    const pipeline = createPipeline(model);
    const noise = f32([1, 4, 8, 8], new Float32Array(256).fill(Number.POSITIVE_INFINITY));
    await expect(pipeline.paint({ ...request, noise })).rejects.toThrow(/noise: value 0 of 256/);
    await pipeline.close();
  });

  it("the encoder's latents, which a model would learn from", async () => {
    const codec = createLatents(broken("vae.encoder.conv_in.bias"));
    const images = u8([1, 64, 64, 3], new Uint8Array(64 * 64 * 3));
    await expect(codec.encode(images)).rejects.toThrow(/latents of pictures/);
    await codec.close();
  });
});

describe("no weight is a number that is none", () => {
  it("in a file that is read: every such tensor is named", async () => {
    await saveModel(directory, model);
    const path = join(directory, "unet", "diffusion_pytorch_model.safetensors");
    const bytes = new Uint8Array(await readFile(path));
    // the last tensor of the file ends in a NaN of f32
    bytes.set([0, 0, 0xc0, 0x7f], bytes.length - 4);
    await writeFile(path, bytes);
    const [last] = Object.entries(decodeForeign(bytes)).filter(([, { data }]) =>
      Number.isNaN(data[data.length - 1]),
    );
    await expect(loadModel(directory)).rejects.toMatchObject({
      code: "bad-data",
      message: expect.stringMatching(new RegExp(`${last[0]}: value \\d+ of \\d+ is NaN`)),
    });
  });

  it("in half precision: an infinity is none either", () => {
    const own: Arrays = Object.fromEntries(
      Object.entries(model.weights).flatMap(([name, array]) =>
        name.startsWith("unet.") ? [[name.slice("unet.".length), array]] : [],
      ),
    );
    const { shape, data } = own["conv_in.bias"];
    // beyond 65,504
    const halves = toHalves(Array.from(data, (value, i) => (i === 2 ? -1e5 : value)));
    const stored = { ...own, "conv_in.bias": { dtype: "f16", shape, data: halves } } as Arrays;
    expect(() => componentWeights(model.configs.unet, stored)).toThrow(
      "(1 faults): conv_in.bias: value 2 of 8 is -Infinity",
    );
  });

  it("in a file that is written: the old one stays", async () => {
    const path = join(directory, "x.safetensors");
    const fine = { a: f32([1], [1]) };
    await writeSafetensors(path, sourceOf(fine));
    const before = await readFile(path);
    const none = sourceOf({ ...fine, b: f32([2], [0, Number.NaN]) });
    await expect(writeSafetensors(path, none)).rejects.toThrow(/"b" as F32: value 1 of 2 is NaN/);
    expect(await readFile(path)).toEqual(before);
    expect(await readdir(directory)).toEqual(["x.safetensors"]);
    const large = broken("unet.conv_in.weight", 70_000);
    await expect(saveModel(directory, large, { half: true })).rejects.toThrow(
      /"conv_in.weight" as F16: value \d+ of \d+ is Infinity/,
    );
  });
});

describe("no training goes on with numbers that are none", () => {
  const small = smallBase({
    vocabulary: { words: ["red"], buckets: 1 },
    side: 8,
    widths: [8],
    textWidth: 8,
    textLayers: 1,
    textLength: 4,
    seed: 1,
  });
  const latents = new Float32Array(12 * 4 * 4).fill(0.5);
  const options: TrainerOptions = {
    sample: () => ({ latents, caption: "red", weight: 1 }),
    batchSize: 1,
    latents: [12, 4, 4],
    learningRate: () => 1e-3,
    seed: 1,
  };

  it.each([
    ["the loss", { ...options, sample: () => ({ latents, caption: "red", weight: Number.NaN }) }],
    ["the learning rate", { ...options, learningRate: () => Number.POSITIVE_INFINITY }],
  ])("%s is told with its step", async (what, own) => {
    const trainer = await createTrainer(small, own);
    await expect(trainer.step()).rejects.toMatchObject({
      code: "bad-data",
      message: expect.stringMatching(new RegExp(`^step 1: ${what} is (NaN|Infinity); `)),
    });
    await trainer.close();
  });

  it("weights that are none are never handed out, written, or read", async () => {
    const trainer = await createTrainer(small, { ...options, learningRate: () => 3e38 });
    const run = async () => {
      for (let i = 0; i < 3; i++) await trainer.step();
    };
    await expect(run()).rejects.toThrow(/^step [23]: the (loss|gradient's norm) is/);
    const state = trainer.state();
    await trainer.close();
    const lost = Float32Array.from(state.vectors.trained, () => Number.NaN);
    const none = { ...state, vectors: { ...state.vectors, trained: lost } };
    const resumed = await createTrainer(small, options, none);
    expect(() => resumed.trained()).toThrow(/trained .*: value 0 of \d+ is NaN/);
    await resumed.close();

    const path = join(directory, "state.safetensors");
    await expect(saveState(path, none)).rejects.toThrow(/"trained" as F32/);
    const zeros = Float32Array.from(lost, () => 0);
    await saveState(path, { ...state, vectors: { trained: zeros, m: zeros, v: zeros } });
    const bytes = new Uint8Array(await readFile(path));
    bytes.set([0, 0, 0x80, 0x7f], bytes.length - 4);
    await writeFile(path, bytes);
    await expect(loadState(path)).rejects.toMatchObject({ code: "corrupt" });
  });
});
