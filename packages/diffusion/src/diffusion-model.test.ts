import { cp, mkdtemp, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { u8 } from "@tandem/core/tensor";
import { encodeHeader, storedBits } from "@tandem/protocol/safetensors-header";
import type { StoredTensor } from "@tandem/protocol/safetensors-stored";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DiffusionModel, loadModel } from "./diffusion-model";
import { openSafetensors, readArrays, sourceOf, writeSafetensors } from "./files/weight-files";
import { createPipeline } from "./pipeline";
import { writeRandomFolder } from "./testing/random-folder";

let [root, folder, notices]: [string, string, string[]] = ["", "", []];
let whole: DiffusionModel;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "tandem-model-"));
  await writeRandomFolder(join(root, "whole"));
  whole = await loadModel(join(root, "whole"));
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(async () => {
  folder = join(root, "folder");
  notices = [];
  await rm(folder, { recursive: true, force: true });
  await cp(join(root, "whole"), folder, { recursive: true });
});
const load = (variant?: string) =>
  loadModel(folder, { notice: (text) => notices.push(text), ...(variant && { variant }) });
const unet = (variant = "") =>
  join(folder, "unet", `diffusion_pytorch_model${variant}.safetensors`);
const vae = () => join(folder, "vae", "diffusion_pytorch_model.safetensors");

async function indexWith(entries: object): Promise<void> {
  const path = join(folder, "model_index.json");
  const index = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify({ ...index, ...entries }));
}

describe("a folder for sampling", () => {
  it("need not hold what sampling does not need", async () => {
    await indexWith({
      safety_checker: ["stable_diffusion", "StableDiffusionSafetyChecker"],
      feature_extractor: ["transformers", "CLIPImageProcessor"],
      image_encoder: [null, null],
    });
    expect((await load()).weights).toEqual(whole.weights);
    await rm(join(folder, "scheduler"), { recursive: true });
    await expect(load()).rejects.toThrow(/component folder .*scheduler is missing/);
  });

  it("needs each of the others, whatever its index says", async () => {
    await indexWith({ vae: [null, null] });
    await expect(load()).rejects.toThrow(/has no component "vae"; it has /);
  });

  it("may have a VAE that only decodes: it paints, and says what learning lacks", async () => {
    const source = await openSafetensors(vae());
    const arrays = await readArrays(source);
    await source.close();
    const write = (keep: (name: string) => boolean) =>
      writeSafetensors(
        vae(),
        sourceOf(Object.fromEntries(Object.entries(arrays).filter(([name]) => keep(name)))),
      );
    await write((name) => !/^(encoder|quant_conv)\./.test(name));
    const pipeline = createPipeline(await load());
    const request = { prompts: ["red"], seed: 1, steps: 1, guidance: 1 };
    const other = createPipeline(whole);
    expect(await pipeline.paint(request)).toEqual(await other.paint(request));
    const pictures = u8([1, 64, 64, 3], new Uint8Array(64 * 64 * 3));
    await expect(pipeline.encode(pictures)).rejects.toMatchObject({
      code: "not-found",
      message: expect.stringContaining("VAE has no encoder"),
    });
    await pipeline.close();
    await other.close();
    // A part of it that is missing is a file that has lost something.
    await write((name) => name !== "encoder.conv_in.weight");
    await expect(load()).rejects.toThrow(/missing encoder\.conv_in\.weight/);
    await write((name) => name !== "decoder.conv_in.weight");
    await expect(load()).rejects.toThrow(/missing decoder\.conv_in\.weight/);
  });
});

describe("a tensor that nothing asks for", () => {
  const more: readonly (readonly [string, StoredTensor])[] = (
    ["F32", "C64", "F4", "I64", "BOOL", "F8_E8M0"] as const
  ).map((dtype) => [
    `ema.${dtype}`,
    { dtype, shape: [2], bytes: new Uint8Array(storedBits[dtype] / 4) },
  ]);
  async function add(path: string, tensors: typeof more): Promise<void> {
    const source = await openSafetensors(path);
    const kept = new Map<string, StoredTensor>(tensors);
    for (const name of source.tensors.keys()) kept.set(name, await source.read(name));
    await source.close();
    await writeFile(
      path,
      Buffer.concat([encodeHeader(kept), ...[...kept.values()].map((t) => t.bytes)]),
    );
  }

  it.each(more)("%s refuses no file, and is told of", async (name, tensor) => {
    await add(unet(), [[name, tensor]]);
    expect((await load()).weights).toEqual(whole.weights);
    expect(notices).toEqual([`unet: left aside "${name}": UNet2DConditionModel has none`]);
  });

  it("is told of once a file, among others", async () => {
    await add(join(folder, "text_encoder", "model.safetensors"), [
      ["logit_scale", more[0][1]],
      ["vision_model.embeddings.class_embedding", more[0][1]],
      ["text_model.embeddings.position_ids", more[3][1]], // every older file has them
    ]);
    expect((await load()).weights).toEqual(whole.weights);
    expect(notices).toEqual([
      'text_encoder: left aside 2 tensors, such as "logit_scale": CLIPTextModel has none',
    ]);
  });

  it("stands for none that is missing", async () => {
    await cp(vae(), unet());
    await expect(load()).rejects.toThrow(
      /^weights do not fit this UNet2DConditionModel .*missing conv_in\.weight/,
    );
  });
});

describe("variants", () => {
  it("are chosen for each component: plain ones, or the only ones there, which is told", async () => {
    await cp(unet(), unet(".fp16"));
    expect((await load()).weights).toEqual(whole.weights);
    expect(notices).toEqual([]);
    await unlink(unet());
    expect((await load()).weights).toEqual(whole.weights);
    expect(notices).toEqual(["unet: fp16 weights, as there are no plain weights"]);
  });

  it("that are asked for come from where they are, plain ones from elsewhere", async () => {
    await rename(unet(), unet(".fp16"));
    expect((await load("fp16")).weights).toEqual(whole.weights);
    expect(notices).toEqual([
      "text_encoder: plain weights, as there are no fp16 weights",
      "vae: plain weights, as there are no fp16 weights",
    ]);
    await expect(load("bf16")).rejects.toThrow(/has no weights of variant bf16/);
  });

  it("are named where there are several and none is plain, missed where there is nothing", async () => {
    await cp(unet(), unet(".ema"));
    await rename(unet(), unet(".non_ema"));
    await expect(load()).rejects.toThrow(/unet has weights of variants ema, non_ema: name one/);
    expect((await load("ema")).weights).toEqual(whole.weights);
    await unlink(unet(".ema"));
    await unlink(unet(".non_ema"));
    await expect(load()).rejects.toThrow(/no weights in .*unet: looked for /);
  });
});
