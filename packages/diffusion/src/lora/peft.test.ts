import { TandemError } from "@tandem/core/errors";
import { type Arrays, f32, type TensorData } from "@tandem/core/tensor";
import { toHalves } from "@tandem/protocol/half";
import { describe, expect, it } from "vitest";
import { adapterFor, random, small } from "../testing/random-adapter";
import type { LoraAdapter } from "./adapter";
import { readKohya, writeKohya } from "./kohya";
import { readPeft, writePeft } from "./peft";

describe("an adapter in arrays", () => {
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
  ])("comes back from each format, with %s", (_, adapter) => {
    const { arrays, config, metadata } = writePeft(adapter);
    expect(readPeft(arrays, { config })).toEqual(adapter);
    expect(readPeft(arrays, { metadata })).toEqual(adapter);
    expect(readKohya(writeKohya(adapter).arrays)).toEqual(adapter);
    expect(readKohya(writeKohya(readPeft(arrays, { config })).arrays)).toEqual(adapter);
  });
});

describe("alpha and rank", () => {
  it("are those of the config: by pattern, by default, by root of rank", () => {
    const arrays = writePeft(adapterFor({ "a.to_q.weight": [4, 4], "to_k.weight": [4, 4] })).arrays;
    const alphas = (config?: Record<string, unknown>) =>
      Array.from(readPeft(arrays, { config: config as never }).values(), ({ alpha }) => alpha);
    expect(alphas()).toEqual([2, 2]);
    expect(alphas({ r: 2, lora_alpha: 8 })).toEqual([8, 8]);
    expect(alphas({ r: 2, lora_alpha: 8, alpha_pattern: { to_q: 1 } })).toEqual([1, 8]);
    // rsLoRA divides by √r: 8 / √2 = (8 √2) / 2
    expect(alphas({ r: 2, lora_alpha: 8, use_rslora: true })[0]).toBeCloseTo(8 * Math.SQRT2);
  });

  const arrays = writePeft(adapterFor({ "a.to_q.weight": [4, 4] })).arrays; // rank 2
  const alphaOf = (config: Record<string, unknown>) =>
    readPeft(arrays, { config: config as never }).get("unet.a.to_q")?.alpha;

  it("are 8 where the config is silent, as for PEFT, and may be 0 or below", () => {
    expect(alphaOf({ r: 2 })).toBe(8);
    expect(alphaOf({ r: 2, lora_alpha: 0 })).toBe(0);
    expect(alphaOf({ r: 2, lora_alpha: -1 })).toBe(-1);
    expect(() => alphaOf({ lora_alpha: 1 })).toThrow(/lora_A.weight" has rank 2, .* says 8/);
  });

  it.each([
    ["to_q", 1],
    ["a.to_q", 1],
    ["^a.to_q", 1], // as PEFT, which knows no component
    ["unet\\.a\\.to_q", 1],
    [".*to_[qk]", 1],
    ["o_q", 8],
    ["a", 8],
    ["to_q.b", 8],
  ])("by pattern %s", (key, alpha) => {
    expect(alphaOf({ r: 2, lora_alpha: 8, alpha_pattern: { [key]: 1 } })).toBe(alpha);
    expect(alphaOf({ r: alpha === 1 ? 3 : 2, rank_pattern: { [key]: 2 } })).toBe(8);
  });

  it("by several patterns are those of the first that fits", () => {
    const config = { r: 2, alpha_pattern: { to_k: 1, ".*": 2, to_q: 3 } };
    expect(alphaOf(config)).toBe(2);
  });

  it("that the file itself tells agree with the config, or are refused", () => {
    const told = { ...arrays, "unet.a.to_q.alpha": f32([], [8]) };
    const read = (lora_alpha: number) => readPeft(told, { config: { r: 2, lora_alpha } });
    expect(readPeft(told).get("unet.a.to_q")?.alpha).toBe(8);
    expect(read(8)).toEqual(readPeft(told));
    expect(() => read(4)).toThrow(/to_q.alpha" has alpha 8, its config says 4/);
    const pattern = { r: 2, rank_pattern: { to_q: 4 } };
    expect(() => readPeft(arrays, { config: pattern })).toThrow(/has rank 2, its config says 4/);
  });
});

describe("a config in the file's header", () => {
  const arrays = writePeft(adapterFor({ "a.to_q.weight": [4, 4] })).arrays; // rank 2
  const read = (fields: object, options: Parameters<typeof readPeft>[1] = {}) =>
    readPeft(arrays, { ...options, metadata: { lora_adapter_metadata: JSON.stringify(fields) } });
  const alphaOf = (...given: Parameters<typeof read>) => read(...given).get("unet.a.to_q")?.alpha;

  it("is of a component, or of the one model as save_lora_adapter writes it", () => {
    expect(alphaOf({ "unet.r": 2, "unet.lora_alpha": 16, "text_encoder.r": 4 })).toBe(16);
    expect(alphaOf({ r: 2, lora_alpha: 16 })).toBe(16);
    expect(alphaOf({ r: 2, lora_alpha: 16, use_rslora: true })).toBe(16 * Math.SQRT2);
    expect(alphaOf({ r: 2, alpha_pattern: { to_q: 5 } })).toBe(5);
    expect(alphaOf({ "text_encoder.r": 4 })).toBe(2);
    expect(() => read({ r: 4 })).toThrow(/has rank 2, its config says 4/);
  });

  it("is refused as adapter_config.json is, by the name of its field", () => {
    for (const [field, value] of Object.entries({ init_lora_weights: "pissa", use_mora: true }))
      for (const [prefix, source] of [
        ["", "lora_adapter_metadata"],
        ["unet.", "lora_adapter_metadata: unet"],
        ["text_encoder.", "lora_adapter_metadata: text_encoder"],
      ])
        expect(() => read({ [`${prefix}r`]: 2, [prefix + field]: value })).toThrow(
          `${source}: ${field} = ${JSON.stringify(value)}`,
        );
    expect(() => read([])).toThrow("lora_adapter_metadata is not a JSON object");
    expect(() => read({ r: 2, "unet.lora_alpha": 4 })).toThrow(/holds r, unet.lora_alpha: of one/);
  });

  it("agrees with adapter_config.json", () => {
    expect(alphaOf({ r: 2, lora_alpha: 16 }, { config: { r: 2, lora_alpha: 16 } })).toBe(16);
    expect(() => read({ r: 2, lora_alpha: 16 }, { config: { r: 2, lora_alpha: 4 } })).toThrow(
      '"unet.a.to_q" has alpha 4 in adapter_config.json, its config says 16',
    );
  });
});

describe("names", () => {
  const [down, up] = [random(2, 4), random(4, 2)];
  const layer = "mid_block.attentions.0.transformer_blocks.0.attn1";
  const clip = "text_model.encoder.layers.0.self_attn";

  it.each([
    [
      "PEFT for one model",
      `base_model.model.${layer}.to_q`,
      ".lora_A",
      ".lora_B",
      `unet.${layer}.to_q`,
    ],
    [
      "PEFT with its adapter's name",
      `unet.${layer}.to_q`,
      ".lora_A.default",
      ".lora_B.default",
      `unet.${layer}.to_q`,
    ],
    [
      "PEFT for CLIP",
      `base_model.model.${clip}.q_proj`,
      ".lora_A",
      ".lora_B",
      `text_encoder.${clip}.q_proj`,
    ],
    [
      "PEFT for a pipeline",
      `base_model.model.unet.${layer}.to_q`,
      ".lora_A",
      ".lora_B",
      `unet.${layer}.to_q`,
    ],
    [
      "PEFT behind the component",
      `unet.base_model.model.${layer}.to_q`,
      ".lora_A",
      ".lora_B",
      `unet.${layer}.to_q`,
    ],
    ["older diffusers", `unet.${layer}.to_q`, ".lora.down", ".lora.up", `unet.${layer}.to_q`],
    [
      "old processors",
      `${layer}.processor.to_out`,
      "_lora.down",
      "_lora.up",
      `unet.${layer}.to_out.0`,
    ],
    [
      "old processors with a prefix",
      `unet.${layer}.processor.to_v`,
      "_lora.down",
      "_lora.up",
      `unet.${layer}.to_v`,
    ],
    [
      "older diffusers for CLIP",
      `text_encoder.${clip}.k_proj`,
      ".lora_linear_layer.down",
      ".lora_linear_layer.up",
      `text_encoder.${clip}.k_proj`,
    ],
    [
      "old processors of CLIP",
      `text_encoder.${clip}.to_out`,
      "_lora.down",
      "_lora.up",
      `text_encoder.${clip}.out_proj`,
    ],
    ["kohya's endings", `unet.${layer}.to_k`, ".lora_down", ".lora_up", `unet.${layer}.to_k`],
  ])("of %s are read", (_, path, a, b, module) => {
    const arrays = { [`${path}${a}.weight`]: down, [`${path}${b}.weight`]: up };
    expect([...readPeft(arrays)]).toEqual([[module, { down, up, alpha: 2 }]]);
  });

  it("without a component are of the one asked for, or of the only model that has them", () => {
    const arrays = { "x.lora_A.weight": down, "x.lora_B.weight": up };
    const of = (options: Parameters<typeof readPeft>[1]) => [...readPeft(arrays, options).keys()];
    expect(of({ component: "unet" })).toEqual(["unet.x"]);
    expect(of({ modules: ["unet.y", "text_encoder.x"] })).toEqual(["text_encoder.x"]);
    for (const modules of [[], ["unet.x", "text_encoder.x"]])
      expect(() => of({ modules })).toThrow(/"x.lora_A.weight" is of no model that is known/);
  });
});

describe("an adapter is refused", () => {
  const module = { "unet.a.lora_A.weight": random(2, 4), "unet.a.lora_B.weight": random(4, 2) };
  it.each<[string, Record<string, TensorData>, RegExp]>([
    ["with nothing", {}, /no tensors/],
    [
      "with half a module",
      { "unet.a.lora_A.weight": random(2, 4) },
      /"unet.a" .*: up \(B\) is missing/,
    ],
    ["with alpha alone", { ...module, "unet.b.alpha": random(1) }, /\("unet.b.alpha"\): down/],
    ["as DoRA", { ...module, "unet.a.lora_magnitude_vector": random(4) }, /is part of a DoRA/],
    [
      "with a bias",
      { ...module, "unet.a.lora_B.bias": random(4) },
      /"unet.a.lora_B.bias" .* a bias/,
    ],
    [
      "with LoRA of an embedding",
      { "unet.a.lora_embedding_A": random(4, 2) },
      /LoRA of an embedding/,
    ],
    ["with what nobody knows", { ...module, "unet.a.b": random(4) }, /no tensor of a LoRA/],
    ["with two ranks in one", { ...module, "unet.a.lora_B.weight": random(4, 3) }, /share a rank/],
    ["with other shapes", { ...module, "unet.a.lora_A.weight": random(8) }, /no linear/],
    [
      "with integers",
      {
        ...module,
        "unet.a.lora_A.weight": { dtype: "i32", shape: [2, 4], data: new Int32Array(8) },
      },
      /i32/,
    ],
    [
      "with one module twice",
      { ...module, "unet.a.lora.up.weight": random(4, 2) },
      /two tensors for up/,
    ],
    ["with two alphas", { ...module, "unet.a.alpha": random(2) }, /"unet.a.alpha" has 2 values/],
  ])("%s", (_, arrays, reason) => {
    expect(() => readPeft(arrays)).toThrow(reason);
    expect(() => readPeft(arrays)).toThrow(TandemError);
  });

  const halves = (bits: number): TensorData => ({
    dtype: "f16",
    shape: [2, 4],
    data: new Uint16Array(8).fill(bits, 3),
  });
  it.each<[string, TensorData, RegExp]>([
    ["NaN", f32([2, 4], new Float32Array(8).fill(Number.NaN, 3)), /value 3 of 8 is NaN/],
    ["an infinity", f32([2, 4], new Float32Array(8).fill(-Infinity, 3)), /-Infinity/],
    ["NaN in half precision", halves(0x7e00), /value 3 of 8 is NaN/],
  ])("with %s, by the tensor's name", (_, down, reason) => {
    const arrays: Arrays = { ...module, "unet.a.lora_A.weight": down };
    expect(() => readPeft(arrays)).toThrow(reason);
    expect(() => readPeft(arrays)).toThrow(/"unet.a.lora_A.weight": value 3/);
  });
});
