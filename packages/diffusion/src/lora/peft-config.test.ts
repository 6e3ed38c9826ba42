import { TandemError } from "@tandem/core/errors";
import type { Json } from "@tandem/core/json";
import { describe, expect, it } from "vitest";
import { parsePeftConfig, parsePeftJson } from "./peft-config";

it.each<[string, Json]>([
  ["use_dora", true],
  ["lora_bias", true],
  ["use_qalora", true],
  ["fan_in_fan_out", true],
  ["bias", "all"],
  ["bias", "lora_only"],
  ["peft_type", "LOHA"],
  ["modules_to_save", ["conv_out"]],
  ["layer_replication", [[0, 2]]],
  ["target_parameters", ["experts.weight"]],
  ["trainable_token_indices", [1]],
  ["trainable_token_indices", { embed: [1] }],
  ["megatron_config", { a: 1 }],
  ["alora_invocation_tokens", [1]],
  ["arrow_config", { top_k: 3 }],
  ["use_bdlora", { nblocks: 2 }],
  ["kasa_config", { beta: 1 }],
  ["monteclora_config", { num_samples: 2 }],
  ["init_lora_weights", "pissa"],
  ["init_lora_weights", "pissa_niter_16"],
  ["init_lora_weights", "OLoRA"],
  ["init_lora_weights", "corda"],
  ["init_lora_weights", "loftq"],
  ["init_lora_weights", "lora_ga"],
  ["loftq_config", { loftq_bits: 4 }],
  ["corda_config", { x: 1 }],
  ["ensure_weight_tying", true],
  ["use_rslora", "true"],
  ["use_rslora", "false"], // true to Python
  ["use_rslora", 2],
  ["use_mora", true], // of no PEFT that is known
  ["scaling", 2],
  ["toString", 1],
])("%s = %j changes the arithmetic, and is refused", (field, value) => {
  const parse = () => parsePeftConfig({ r: 2, [field]: value });
  expect(parse).toThrow(`adapter_config.json: ${field} = ${JSON.stringify(value)}`);
  expect(parse).toThrow(expect.objectContaining({ code: "not-supported" }));
});

it.each<[string, Json]>([
  ["modules_to_save", []],
  ["modules_to_save", null],
  ["trainable_token_indices", {}],
  ["megatron_core", "megatron.core"],
  ["megatron_config", null],
  ["layers_to_transform", [1]], // which layers: the file has no others
  ["lora_dropout", 0.1],
  ["loftq_config", {}],
  ["init_lora_weights", false],
  ["init_lora_weights", "gaussian"],
  ["init_lora_weights", "eva"],
  ["init_lora_weights", "orthogonal"],
  ["eva_config", { rho: 2 }],
  ["runtime_config", { ephemeral_gpu_offload: true }],
  ["exclude_modules", ["x"]],
  ["qalora_group_size", 16],
  ["peft_version", "0.20.0"],
  ["use_rslora", 0],
  ["use_mora", false],
  ["never_heard_config", null],
])("%s = %j changes nothing, and is read", (field, value) => {
  const { rank, alpha } = parsePeftConfig({ r: 2, lora_alpha: 3, [field]: value });
  expect([rank, alpha]).toEqual([2, 3]);
});

it.each<[string, Json]>([
  ["r", 0],
  ["r", 1.5],
  ["lora_alpha", "x"],
  ["alpha_pattern", []],
  ["alpha_pattern", { a: "x" }],
  ["rank_pattern", { a: 0 }],
  ["rank_pattern", { "(": 1 }],
  ["target_modules", [1]],
])("%s = %j is no value", (field, value) => {
  expect(() => parsePeftConfig({ [field]: value })).toThrow(field);
  expect(() => parsePeftConfig({ [field]: value })).toThrow(TandemError);
});

it("rsLoRA is on by 1 as by true", () => {
  const alpha = (use_rslora: Json) =>
    parsePeftConfig({ lora_alpha: 3, use_rslora }).alphaOf("x", 4);
  expect([alpha(true), alpha(1), alpha(false), alpha(0), alpha(null)]).toEqual([6, 6, 3, 3, 3]);
});

describe("a config's text", () => {
  const alphaOf = (pattern: string) =>
    parsePeftConfig(parsePeftJson(`{"alpha_pattern": ${pattern}}`, "x.json")).alphaOf(
      "unet.attn.to_out.0",
      8,
    );

  it("keeps the order of its patterns, also of those that are numbers", () => {
    expect(alphaOf('{"to_out.0": 16, "0": 32}')).toBe(16);
    expect(alphaOf('{"0": 32, "to_out.0": 16}')).toBe(32);
    expect(alphaOf('{"1": 2, "to_out.0" :16 , "\\u0030" : 32}')).toBe(16);
    expect(alphaOf('{"00": 1, "x": 2}')).toBe(8);
    expect(parsePeftJson('{"a": "0", "b": "\\"0\\":", "c": ["1"]}', "x")).toEqual({
      a: "0",
      b: '"0":',
      c: ["1"],
    });
  });

  it.each(["[]", "1", "null", '"x"'])("%s is no object", (text) => {
    expect(() => parsePeftJson(text, "x.json")).toThrow("x.json is not a JSON object");
    expect(() => parsePeftJson("{", "x.json")).toThrow("x.json is not JSON");
  });
});
