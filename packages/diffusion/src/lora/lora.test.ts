import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { createRng } from "@tandem/core/rng";
import { type Arrays, arrayOf, f32, sizeOf } from "@tandem/core/tensor";
import { toHalves } from "@tandem/protocol/half";
import { describe, expect, it } from "vitest";
import { openSafetensors } from "../files/weight-files";
import { type LoraAdapter, loraModule } from "./adapter";
import { readAdapter, writeAdapterFolder, writeKohyaFile } from "./adapter-files";
import { readKohya, writeKohya } from "./kohya";
import { kohyaName, moduleOfKohya } from "./kohya-names";
import { mergeAdapter, unmergeAdapter } from "./merge";
import { readPeft, writePeft } from "./peft";
import { attentionTargets, matchesTargets, targetModules } from "./targets";

type Shapes = Readonly<Record<string, readonly number[]>>;
const names = JSON.parse(
  await readFile(
    new URL("../../fixtures/diffusers/stable-diffusion-names.json", import.meta.url),
    "utf8",
  ),
) as { [model: string]: { tensors: Shapes } } & {
  "lora-sd1.5-attn": { rank: number; peft: string[]; kohya: string[] };
};
const recorded = names["lora-sd1.5-attn"];

const rng = createRng("lora");
const random = (...shape: number[]) =>
  f32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()),
  );

/** An adapter for the named weights of a component. */
const adapterFor = (
  shapes: Shapes,
  { component = "unet", rank = 2, alpha = 3 } = {},
): LoraAdapter =>
  new Map(
    Object.entries(shapes).map(([name, [outputs, inputs, ...kernel]]) => {
      const module = `${component}.${name.replace(/\.weight$/, "")}`;
      const down = random(rank, inputs, ...kernel);
      const up = random(outputs, rank, ...kernel.map(() => 1));
      return [module, loraModule(module, { down, up, alpha })];
    }),
  );

const small: Shapes = {
  "mid_block.attentions.0.transformer_blocks.0.attn1.to_q.weight": [5, 4],
  "mid_block.attentions.0.proj_in.weight": [4, 6, 1, 1],
  "down_blocks.0.resnets.1.conv1.weight": [3, 2, 3, 3],
};
const baseOf = (shapes: Shapes): Arrays =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, random(...shape)]));

describe("names of Stable Diffusion 1.5", () => {
  const layers = (model: string) =>
    Object.entries(names[model].tensors).flatMap(([name, shape]) =>
      name.endsWith(".weight") && [2, 4].includes(shape.length)
        ? [`unet.${name.slice(0, -".weight".length)}`]
        : [],
    );
  const tiny = (list: readonly string[]): Arrays =>
    Object.fromEntries(
      list.map((name) => [
        name,
        name.endsWith(".alpha")
          ? f32([], [recorded.rank])
          : f32(/(lora_A|lora_down)/.test(name) ? [4, 1] : [1, 4], [1, 2, 3, 4]),
      ]),
    );

  it("become kohya's, one list from the other", () => {
    const written = writeKohya(readPeft(tiny(recorded.peft))).arrays;
    expect(Object.keys(written).sort()).toEqual([...recorded.kohya].sort());
    expect(written[recorded.kohya[2]]).toEqual(f32([], [recorded.rank]));
  });

  it.each([
    ["with the model's list", layers("unet-sd1.5")],
    ["by spelling", undefined],
  ])("come back from kohya's %s", (_, modules) => {
    const adapter = readKohya(tiny(recorded.kohya), modules ? { modules } : {});
    const { arrays } = writePeft(adapter);
    expect(Object.keys(arrays).sort()).toEqual([...recorded.peft].sort());
  });

  it.each(["unet-sd1.5", "unet-sd2.1"])("are all spelt alike: every layer of %s", (model) => {
    const spell = moduleOfKohya();
    const find = moduleOfKohya(layers(model));
    expect(layers(model).length).toBeGreaterThan(250);
    for (const module of layers(model)) {
      expect(spell(kohyaName(module))).toBe(module);
      expect(find(kohyaName(module))).toBe(module);
    }
  });

  it("are found by the usual endings: exactly the recorded modules", () => {
    const shapes = Object.entries(names["unet-sd1.5"].tensors);
    const found = targetModules(
      shapes.map(([name, shape]) => [name, { shape }]),
      attentionTargets,
    );
    const modules = new Set(recorded.peft.map((name) => name.replace(/\.lora_.*/, "")));
    expect(found.map((module) => `unet.${module}`).sort()).toEqual([...modules].sort());
  });

  it("of the text encoder and of SDXL's second one have their own prefixes", () => {
    const clip = "text_encoder.text_model.encoder.layers.3.self_attn.q_proj";
    expect(kohyaName(clip)).toBe("lora_te_text_model_encoder_layers_3_self_attn_q_proj");
    expect(moduleOfKohya()(kohyaName(clip))).toBe(clip);
    expect(moduleOfKohya()("lora_te1_text_model_encoder_layers_3_mlp_fc1")).toBe(
      "text_encoder.text_model.encoder.layers.3.mlp.fc1",
    );
    expect(moduleOfKohya([clip])("lora_te1_text_model_encoder_layers_3_self_attn_q_proj")).toBe(
      clip,
    );
    const second = clip.replace("text_encoder", "text_encoder_2");
    expect(moduleOfKohya()(kohyaName(second))).toBe(second);
  });

  it("that say nothing about diffusers' modules are refused", () => {
    expect(() => moduleOfKohya()("lora_unet_input_blocks_4_1_proj_in")).toThrow(TandemError);
    expect(() => moduleOfKohya()("lycoris_x")).toThrow(TandemError);
    expect(() => moduleOfKohya(["unet.a"])("lora_unet_b")).toThrow(/no layer of this model/);
    expect(() => moduleOfKohya(["unet.a.b", "unet.a_b"])).toThrow(/are both lora_unet_a_b/);
    expect(() => kohyaName("vae.decoder.conv_in")).toThrow(/kohya's names are for/);
  });
});

describe("target modules", () => {
  it("are whole endings, or a regular expression for the whole name", () => {
    const endings = matchesTargets(["to_q", "to_out.0"]);
    expect(["a.to_q", "to_q", "a.to_out.0"].every(endings)).toBe(true);
    expect(["a.not_to_q", "a.to_q.b", "a.to_out"].some(endings)).toBe(false);
    const pattern = matchesTargets(String.raw`.*attn2\.to_[kv]|mid`);
    expect(["a.attn2.to_k", "mid"].every(pattern)).toBe(true);
    expect(["a.attn2.to_q", "a.attn2.to_k.b", "amid"].some(pattern)).toBe(false);
  });

  it("that match nothing or are no expression are refused", () => {
    expect(() => targetModules([["a.weight", { shape: [2, 2] }]], ["b"])).toThrow(/\["b"\]/);
    expect(() => targetModules([["a.weight", { shape: [2] }]], ["a"])).toThrow(TandemError);
    expect(() => matchesTargets("(")).toThrow(/no regular expression/);
  });
});

describe("adapters in files", () => {
  const other = { "text_model.encoder.layers.0.self_attn.q_proj.weight": [4, 4] };
  const mixed = new Map([
    ...adapterFor(small),
    ...adapterFor(other, { component: "text_encoder", rank: 3, alpha: 0.5 }),
  ]);
  const half: LoraAdapter = new Map(
    Array.from(adapterFor(small), ([name, module]) => [
      name,
      {
        ...module,
        down: { ...module.down, dtype: "f16", data: toHalves(module.down.data) } as const,
      },
    ]),
  );

  it.each([
    ["one rank", adapterFor(small)],
    ["two ranks and alphas", mixed],
    ["half precision", half],
  ])("come back from each format, with %s", (_, adapter) => {
    const { arrays, config, metadata } = writePeft(adapter);
    expect(readPeft(arrays, { config })).toEqual(adapter);
    expect(readPeft(arrays, { metadata })).toEqual(adapter);
    expect(readKohya(writeKohya(adapter).arrays)).toEqual(adapter);
    expect(readKohya(writeKohya(readPeft(arrays, { config })).arrays)).toEqual(adapter);
  });

  it.each([
    ["peft", adapterFor(small)],
    ["kohya", mixed],
  ])("come back from disk: %s", async (format, adapter) => {
    const directory = await mkdtemp(join(tmpdir(), "tandem-lora-"));
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
    await rm(directory, { recursive: true });
  });

  it("are missed by their path", async () => {
    await expect(readAdapter("/nowhere")).rejects.toThrow(/no adapter at \/nowhere/);
    await expect(readAdapter(tmpdir())).rejects.toThrow(/holds none of/);
  });

  it("have the alpha of their config: by pattern, by default, by rank, by root of rank", () => {
    const arrays = writePeft(adapterFor({ "a.to_q.weight": [4, 4], "to_k.weight": [4, 4] })).arrays;
    const alphas = (config?: Record<string, unknown>) =>
      Array.from(readPeft(arrays, { config: config as never }).values(), ({ alpha }) => alpha);
    expect(alphas()).toEqual([2, 2]);
    expect(alphas({ r: 2, lora_alpha: 8 })).toEqual([8, 8]);
    expect(alphas({ r: 2, lora_alpha: 8, alpha_pattern: { to_q: 1 } })).toEqual([1, 8]);
    // rsLoRA divides by √r: 8 / √2 = (8 √2) / 2
    expect(alphas({ r: 2, lora_alpha: 8, use_rslora: true })[0]).toBeCloseTo(8 * Math.SQRT2);
  });

  it("are read in the names of PEFT alone and of older diffusers", () => {
    const [down, up] = [random(2, 4), random(4, 2)];
    const expected = new Map([["unet.a.to_q", { down, up, alpha: 2 }]]);
    const base = "base_model.model.a.to_q";
    const peft = { [`${base}.lora_A.weight`]: down, [`${base}.lora_B.weight`]: up };
    expect(readPeft(peft, { component: "unet" })).toEqual(expected);
    const old = { "unet.a.to_q.lora.down.weight": down, "unet.a.to_q.lora.up.weight": up };
    expect(readPeft(old)).toEqual(expected);
  });

  const module = { "unet.a.lora_A.weight": random(2, 4), "unet.a.lora_B.weight": random(4, 2) };
  it.each([
    ["nothing", {}, /no tensors/],
    ["half a module", { "unet.a.lora_A.weight": random(2, 4) }, /"unet.a": up \(B\) is missing/],
    ["DoRA", { ...module, "unet.a.lora_magnitude_vector": random(4) }, /no tensor of a LoRA/],
    ["two ranks in one", { ...module, "unet.a.lora_B.weight": random(4, 3) }, /share a rank/],
    ["other shapes", { ...module, "unet.a.lora_A.weight": random(8) }, /no linear/],
    ["integers", { ...module, "unet.a.lora_A.weight": { ...random(2, 4), dtype: "i32" } }, /i32/],
    [
      "one module twice",
      { ...module, "unet.a.lora.up.weight": random(4, 2) },
      /two tensors for up/,
    ],
  ])("with %s are refused", (_, arrays, reason) => {
    expect(() => readPeft(arrays as Arrays)).toThrow(reason);
    expect(() => readPeft(arrays as Arrays)).toThrow(TandemError);
  });

  it.each([
    ["use_dora", true],
    ["bias", "all"],
    ["peft_type", "LOHA"],
    ["r", 0],
    ["lora_alpha", "x"],
    ["alpha_pattern", []],
    ["target_modules", [1]],
  ])("with %s = %j in their config are refused", (field, value) => {
    const config = { r: 2, [field]: value } as never;
    expect(() => readPeft(module, { config })).toThrow(field);
  });

  it("with an alpha that is no number are refused", () => {
    const { arrays } = writeKohya(adapterFor(small));
    const [name] = Object.keys(arrays).filter((key) => key.endsWith(".alpha"));
    expect(() => readKohya({ ...arrays, [name]: random(2) })).toThrow(/alpha has 2 values/);
    expect(() => readKohya({ ...arrays, [name]: f32([], [Number.NaN]) })).toThrow(/alpha = NaN/);
  });
});

describe("merging", () => {
  it("adds alpha / r · B A to the weight", () => {
    // B A = [1, 2]ᵀ [3, 4] = [[3, 4], [6, 8]]; factor: weight 0.5 · alpha 2 / rank 1 = 1
    const module = loraModule("unet.a", {
      down: f32([1, 2], [3, 4]),
      up: f32([2, 1], [1, 2]),
      alpha: 2,
    });
    const base = { "a.weight": f32([2, 2], [1, 1, 1, 1]), b: f32([1], [9]) };
    const how = { component: "unet", weight: 0.5 };
    const merged = mergeAdapter(base, new Map([["unet.a", module]]), how);
    expect([...merged["a.weight"].data]).toEqual([4, 5, 7, 9]);
    expect(merged.b).toBe(base.b);
    expect([...base["a.weight"].data]).toEqual([1, 1, 1, 1]);
  });

  it("of a 3 x 3 convolution adds what running both convolutions would", () => {
    const name = "down_blocks.0.resnets.1.conv1.weight";
    const base = baseOf({ [name]: [3, 2, 3, 3] });
    const adapter = adapterFor({ [name]: [3, 2, 3, 3] }, { alpha: 2 });
    const merged = arrayOf(mergeAdapter(base, adapter, { component: "unet" }), name, "f32");
    const patch = random(18); // one place of the picture: (in, kh, kw)
    const [{ down, up }] = adapter.values();
    for (let o = 0; o < 3; o++) {
      let [expected, found] = [0, 0];
      for (let i = 0; i < 18; i++) {
        found += merged.data[o * 18 + i] * patch.data[i];
        expected += base[name].data[o * 18 + i] * patch.data[i];
        for (let r = 0; r < 2; r++)
          expected += up.data[o * 2 + r] * down.data[r * 18 + i] * patch.data[i];
      }
      expect(found).toBeCloseTo(expected, 4);
    }
  });

  it("and unmerging give the base back, to the rounding of f32", () => {
    const base = baseOf(small);
    const adapter = adapterFor(small);
    const how = { component: "unet", weight: 0.7 };
    const merged = mergeAdapter(base, adapter, how);
    const back = unmergeAdapter(merged, adapter, how);
    for (const [name, { data }] of Object.entries(base))
      data.forEach((value, i) => {
        // one rounding at the merged weight and one at the difference, 2^-24 each
        const bound = (Math.abs(merged[name].data[i]) + Math.abs(value)) * 2 ** -24;
        expect(Math.abs(back[name].data[i] - value)).toBeLessThanOrEqual(bound);
        expect(merged[name].data[i]).not.toBe(value);
      });
  });

  it("leaves other components' modules to them, and keeps half weights half", () => {
    const adapter = adapterFor({ "x.weight": [2, 2] }, { component: "text_encoder" });
    const base = baseOf({ "x.weight": [2, 2] });
    expect(mergeAdapter(base, adapter, { component: "unet" })).toEqual(base);
    const halves = {
      "x.weight": { dtype: "f16", shape: [2, 2], data: new Uint16Array(4) },
    } as const;
    const merged = mergeAdapter(halves, adapter, { component: "text_encoder" });
    expect(merged["x.weight"].dtype).toBe("f16");
  });

  it("is refused where the adapter does not fit", () => {
    const adapter = adapterFor({ "x.weight": [2, 2] });
    const merge = (base: Arrays) => () => mergeAdapter(base, adapter, { component: "unet" });
    expect(merge({})).toThrow(/"unet.x" fits no weight/);
    expect(merge(baseOf({ "x.weight": [3, 2] }))).toThrow(/is for \[2,2\], the weight is \[3,2\]/);
    expect(merge(baseOf({ "x.weight": [2, 2, 3, 3] }))).toThrow(TandemError);
    expect(merge(baseOf({ "x.weight": [2, 2, 1, 1] }))).not.toThrow();
  });
});
