import { readFile } from "node:fs/promises";
import { TandemError } from "@tandem/core/errors";
import { type Arrays, f32 } from "@tandem/core/tensor";
import { describe, expect, it } from "vitest";
import { adapterFor, random, type Shapes, small } from "../testing/random-adapter";
import { readKohya, writeKohya } from "./kohya";
import { kohyaName, moduleOfKohya } from "./kohya-names";
import { readPeft, writePeft } from "./peft";
import { attentionTargets, targetModules } from "./targets";

const names = JSON.parse(
  await readFile(
    new URL("../../fixtures/diffusers/stable-diffusion-names.json", import.meta.url),
    "utf8",
  ),
) as { [model: string]: { tensors: Shapes } } & {
  "lora-sd1.5-attn": { rank: number; peft: string[]; kohya: string[] };
};
const recorded = names["lora-sd1.5-attn"];

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

describe("alpha", () => {
  const { arrays } = writeKohya(adapterFor(small));
  const [name] = Object.keys(arrays).filter((key) => key.endsWith(".alpha"));

  it("that is not one finite number is refused by its name", () => {
    const read = (alpha: Arrays[string]) => () => readKohya({ ...arrays, [name]: alpha });
    expect(read(random(2))).toThrow(`"${name}" has 2 values`);
    expect(read(f32([], [Number.NaN]))).toThrow(`"${name}": value 0 of 1 is NaN`);
    expect(read(f32([1], [0]))).not.toThrow();
  });

  it("is the rank where it is missing", () => {
    const { [name]: _, ...rest } = arrays;
    expect([...readKohya(rest).values()].map(({ alpha }) => alpha)).toEqual([2, 3, 3]);
  });
});
