import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TandemError } from "@tandem/core/errors";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSafetensors } from "../files/weight-files";
import { adapterFor, small } from "../testing/random-adapter";
import { rankOf } from "./adapter";
import { readAdapter, writeAdapterFolder, writeKohyaFile } from "./adapter-files";
import { mergeAdapter } from "./merge";

const mixed = new Map([
  ...adapterFor(small),
  ...adapterFor(
    { "text_model.encoder.layers.0.self_attn.q_proj.weight": [4, 4] },
    { component: "text_encoder", rank: 3, alpha: 0.5 },
  ),
]);

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-lora-"));
});
afterEach(() => rm(directory, { recursive: true }));

const fixtures = fileURLToPath(new URL("../../fixtures/interop/lora/", import.meta.url));
const attention = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";
const toQ = `unet.${attention}`;
const tensor = `lora_unet_${attention.replaceAll(".", "_")}`;
const clip = "text_encoder.text_model.encoder.layers.0.self_attn.q_proj";

/** Rank and alpha of each module, as diffusers 0.40 and PEFT 0.21 have them. */
const accepted: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>> = {
  "cfg-alpha0": { [toQ]: [4, 0] },
  "cfg-alpha_pattern": { [toQ]: [4, 16] },
  "cfg-bom": { [toQ]: [4, 8] },
  "cfg-modules_to_save-empty": { [toQ]: [4, 4] },
  "cfg-no-alpha": { [toQ]: [4, 8] },
  "cfg-plain": { [toQ]: [4, 8] },
  "cfg-rslora": { [toQ]: [4, 4 * Math.sqrt(4)] },
  "checkpoint-dir": { [toQ]: [4, 4] },
  "diffusers-lora.down.safetensors": { [toQ]: [4, 4] },
  "diffusers-old-processor-names.safetensors": { [toQ]: [4, 4] },
  "diffusers-path-kohya-suffix.safetensors": { [toQ]: [4, 2] },
  "diffusers-te-lora_linear_layer.safetensors": { [toQ]: [4, 4], [clip]: [4, 4] },
  "kohya-alpha-int64.safetensors": { [toQ]: [4, 2] },
  "kohya-alpha-missing.safetensors": { [toQ]: [4, 4] },
  "kohya-alpha-shape1.safetensors": { [toQ]: [4, 2] },
  "kohya-alpha-zero.safetensors": { [toQ]: [4, 0] },
  "kohya-bf16.safetensors": { [toQ]: [4, 2] },
  "kohya-f64.safetensors": { [toQ]: [4, 2] },
  "kohya-f8.safetensors": { [toQ]: [4, 1] },
  "kohya-locon-ranks-alpha-te.safetensors": {
    [toQ]: [4, 2],
    "unet.down_blocks.0.resnets.0.conv1": [2, 1],
    [clip]: [3, 3],
  },
  "peft-base_model-no-unet-prefix.safetensors": { [toQ]: [4, 4] },
  "peft-with-alpha-keys.safetensors": { [toQ]: [4, 2] },
  "swapped-AB-transposed.safetensors": { [toQ]: [8, 8] }, // refused by the layer, see below
};
const refused: Readonly<Record<string, string>> = {
  "bin-dir": "pytorch_lora_weights.bin may run code",
  "cfg-bias-all": 'bias = "all"',
  "cfg-pissa": 'init_lora_weights = "pissa"',
  "kohya-alpha-only-orphan.safetensors": `"${tensor.replace("to_q", "to_k")}.alpha"`,
  "kohya-dora.safetensors": `"${tensor}.dora_scale" [8,1] is part of a DoRA`,
  "kohya-mid-tucker.safetensors":
    '"lora_unet_down_blocks_0_resnets_0_conv1.lora_mid.weight" [2,2,3,3] is part of a Tucker',
  "kohya-plus-bundle_emb.safetensors": '"bundle_emb.tok.string_to_param.*" [1,16] is an embedding',
  "kohya-sdxl-block-names.safetensors": '"lora_unet_input_blocks_4_1_proj_in" is not named after',
  "loha.safetensors": `"${tensor}.hada_w1_a" [8,2] is part of a LoHa`,
  "metadata-only.safetensors": "holds no tensors",
  "nan-weights.safetensors": `"${toQ}.lora_A.weight": value 0 of 32 is NaN`,
  "peft-dora-magnitude.safetensors": `"${toQ}.lora_magnitude_vector" [8] is part of a DoRA`,
  "rank-zero.safetensors": `"${toQ}.lora_B.weight"): [0,8] and [8,0] have rank 0`,
};

it("every adapter of other tools is read or refused", async () => {
  const names = [...Object.keys(accepted), ...Object.keys(refused)];
  expect((await readdir(fixtures)).sort()).toEqual(names.sort());
});

it.each(Object.entries(accepted))("%s is read", async (name, modules) => {
  const adapter = await readAdapter(join(fixtures, name));
  const found = [...adapter].map(([module, lora]) => [module, [rankOf(lora), lora.alpha]]);
  expect(Object.fromEntries(found)).toEqual(modules);
});

it.each(Object.entries(refused))("%s is refused by name", async (name, reason) => {
  const error = await readAdapter(join(fixtures, name)).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(TandemError);
  expect(error.message).toContain(reason);
  expect(error.message).toContain(join(fixtures, name));
});

it("A and B in each other's place fit no layer", async () => {
  const adapter = await readAdapter(join(fixtures, "swapped-AB-transposed.safetensors"));
  const base = adapterFor({ "x.weight": [8, 8] }, { rank: 8 }).get("unet.x");
  const weights = base && { [`${attention}.weight`]: base.down }; // [8, 8]
  expect(() => mergeAdapter(weights ?? {}, adapter, { component: "unet" })).toThrow(
    `LoRA of "${toQ}" is for [4,4], the weight is [8,8]`,
  );
});

it("an adapter without a prefix is of the model that has its layer", async () => {
  const path = join(fixtures, "peft-base_model-no-unet-prefix.safetensors");
  const names = async (modules: readonly string[]) => [
    ...(await readAdapter(path, { modules })).keys(),
  ];
  expect(await names([toQ])).toEqual([toQ]);
  expect(await names([`text_encoder.${attention}`])).toEqual([`text_encoder.${attention}`]);
});

it.each([
  ["peft", adapterFor(small)],
  ["kohya", mixed],
])("adapters come back from disk: %s", async (format, adapter) => {
  const path = format === "peft" ? directory : join(directory, "x.safetensors");
  if (format === "peft") await writeAdapterFolder(path, adapter, { targets: ["to_q"] });
  else await writeKohyaFile(path, adapter);
  expect(await readAdapter(path)).toEqual(adapter);
  if (format === "peft") {
    const files = ["adapter_config.json", "pytorch_lora_weights.safetensors"];
    expect((await readdir(directory)).sort()).toEqual(files);
    const config = JSON.parse(await readFile(join(directory, files[0]), "utf8"));
    expect(config).toMatchObject({ r: 2, lora_alpha: 3, target_modules: ["to_q"] });
    await rm(join(directory, files[0])); // then alpha is read from the header
    expect(await readAdapter(join(directory, files[1]))).toEqual(adapter);
    const source = await openSafetensors(join(directory, files[1]));
    expect(
      source.tensors.get(`unet.${Object.keys(small)[0].replace("weight", "lora_A.weight")}`),
    ).toMatchObject({ dtype: "F32", shape: [2, 4] });
    await source.close();
  }
});

it("what holds no adapter is refused by its path", async () => {
  await expect(readAdapter("/nowhere")).rejects.toThrow(/no adapter at \/nowhere/);
  await expect(readAdapter(directory)).rejects.toThrow(/holds none of/);
  await writeFile(join(directory, "x.zip"), "PK");
  await expect(readAdapter(join(directory, "x.zip"))).rejects.toThrow(/x.zip is no zip/);
  await writeFile(join(directory, "x.ckpt"), "PK");
  await expect(readAdapter(join(directory, "x.ckpt"))).rejects.toThrow(/x.ckpt may run code/);
});

it("of several files in a folder one must be named", async () => {
  for (const name of ["b", "a"])
    await cp(
      join(fixtures, "checkpoint-dir/my-style-v2.safetensors"),
      join(directory, `${name}.safetensors`),
    );
  await expect(readAdapter(directory)).rejects.toThrow(
    /holds a.safetensors, b.safetensors: name the one to use/,
  );
  expect((await readAdapter(join(directory, "b.safetensors"))).size).toBe(1);
});
