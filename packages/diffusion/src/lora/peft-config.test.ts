import { TandemError } from "@tandem/core/errors";
import type { Json } from "@tandem/core/json";
import { expect, it } from "vitest";
import { parsePeftConfig } from "./peft-config";

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
