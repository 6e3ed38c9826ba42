import { TandemError } from "@tandem/core/errors";
import type { Json, JsonObject } from "@tandem/core/json";
import type { Arrays, TensorData } from "@tandem/core/tensor";
import { parsePythonJson } from "../files/python-json";
import { groupModules, type LoraAdapter, type LoraModule, loraModule, rankOf } from "./adapter";
import { type TargetModules, wholeName } from "./targets";

/** Names of the files of an adapter's folder, as their readers look for them. */
export const peftFiles = {
  /** Of diffusers' load_lora_weights. */
  weights: "pytorch_lora_weights.safetensors",
  /** Of PEFT's PeftModel, for one model. */
  modelWeights: "adapter_model.safetensors",
  config: "adapter_config.json",
} as const;

export type PeftConfig = {
  readonly rank: number;
  readonly alpha: number;
  readonly targets: TargetModules | undefined;
  /** alpha of a module, rsLoRA's scale (arXiv 2312.03732) folded into it. */
  alphaOf(module: string, rank: number): number;
};

const fixed: Readonly<Record<string, readonly unknown[]>> = {
  peft_type: ["LORA"],
  bias: ["none"],
  fan_in_fan_out: [false],
  use_dora: [false],
  lora_bias: [false],
  modules_to_save: [null],
  layers_to_transform: [null],
  layer_replication: [null],
  trainable_token_indices: [null],
  use_qalora: [false],
};

/** Reads `adapter_config.json`; throws `not-supported` with a field that changes the arithmetic. */
export function parsePeftConfig(config: JsonObject): PeftConfig {
  for (const [field, allowed] of Object.entries(fixed)) {
    const value = config[field] ?? allowed[0];
    if (!allowed.includes(value))
      throw new TandemError(
        "not-supported",
        `adapter_config.json: ${field} = ${JSON.stringify(value)}, only ${allowed} is supported`,
      );
  }
  const rank = positive(config.r, "r");
  const alpha = positive(config.lora_alpha ?? rank, "lora_alpha");
  const patterns = Object.entries(objectOf(config.alpha_pattern, "alpha_pattern")).map(
    ([key, value]) =>
      [
        wholeName(`(?:.*\\.)?(?:${key})`, "alpha_pattern"),
        positive(value, `alpha_pattern "${key}"`),
      ] as const,
  );
  const rootScaled = config.use_rslora === true;
  return {
    rank,
    alpha,
    targets: targetsOf(config.target_modules),
    alphaOf(module, own) {
      const found = patterns.find(([pattern]) => pattern.test(module))?.[1] ?? alpha;
      return rootScaled ? found * Math.sqrt(own) : found;
    },
  };
}

function positive(value: Json | undefined, field: string): number {
  if (typeof value === "number" && value > 0 && Number.isFinite(value)) return value;
  throw new TandemError("bad-config", `adapter_config.json: ${field} = ${JSON.stringify(value)}`);
}

function objectOf(value: Json | undefined, field: string): JsonObject {
  if (value === undefined || value === null) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as JsonObject; // no array
  throw new TandemError("bad-config", `adapter_config.json: ${field} is not an object`);
}

function targetsOf(value: Json | undefined): TargetModules | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw new TandemError(
    "bad-config",
    `adapter_config.json: target_modules = ${JSON.stringify(value)}`,
  );
}

const suffixes = [
  [".lora_A.weight", "down"],
  [".lora_B.weight", "up"],
  // diffusers before it used PEFT
  [".lora.down.weight", "down"],
  [".lora.up.weight", "up"],
  // PEFT with the adapter's name left in
  [".lora_A.default.weight", "down"],
  [".lora_B.default.weight", "up"],
] as const;

/**
 * Reads PEFT's or diffusers' names. `component` goes before names that have none, as in a file that
 * PEFT saved for one model (`base_model.model.…`). alpha is that of `config` (adapter_config.json),
 * else of the file's own `metadata`, else the rank.
 */
export function readPeft(
  arrays: Arrays,
  options: {
    readonly config?: JsonObject | undefined;
    readonly metadata?: Readonly<Record<string, string>>;
    readonly component?: string | undefined;
  } = {},
): LoraAdapter {
  const whole = options.config && parsePeftConfig(options.config);
  const own = whole ? new Map<string, PeftConfig>() : embeddedConfigs(options.metadata ?? {});
  const groups = groupModules(arrays, (name) => {
    const [suffix, role] = suffixes.find(([ending]) => name.endsWith(ending)) ?? [];
    if (!suffix || !role) return undefined;
    return [moduleName(name.slice(0, -suffix.length), options.component), role];
  });
  return new Map(
    Array.from(groups, ([name, { down, up }]) => {
      const config = whole ?? own.get(componentOf(name));
      const alpha = down && config?.alphaOf(name, down.shape[0]);
      return [name, loraModule(name, { down, up, alpha })];
    }),
  );
}

/** The model that a module is part of: `unet`. */
export const componentOf = (module: string) => module.slice(0, module.indexOf("."));

/** diffusers keeps `{"unet.r": …, "text_encoder.r": …}` in the header of its file. */
function embeddedConfigs(
  metadata: Readonly<Record<string, string>>,
): ReadonlyMap<string, PeftConfig> {
  const text = metadata.lora_adapter_metadata;
  if (text === undefined) return new Map();
  const fields = parsePythonJson(text, "lora_adapter_metadata");
  const configs = new Map<string, Record<string, Json>>();
  for (const [key, value] of Object.entries(objectOf(fields as Json, "lora_adapter_metadata"))) {
    const component = componentOf(key);
    const config = configs.get(component) ?? {};
    config[key.slice(component.length + 1)] = value;
    configs.set(component, config);
  }
  return new Map(Array.from(configs, ([name, config]) => [name, parsePeftConfig(config)]));
}

function moduleName(name: string, component: string | undefined): string {
  const own = name.replace(/^base_model\.model\./, "");
  return component && !own.startsWith(`${component}.`) ? `${component}.${own}` : own;
}

export type PeftFile = {
  readonly arrays: Arrays;
  /** adapter_config.json */
  readonly config: JsonObject;
  /** Of the safetensors file: where diffusers from 0.34 finds alpha, and older ones nothing. */
  readonly metadata: Readonly<Record<string, string>>;
};

/** PEFT's names and config. What most modules have is `r` and `lora_alpha`, the others patterns. */
export function writePeft(
  adapter: LoraAdapter,
  {
    targets,
    baseModel = null,
  }: {
    readonly targets?: TargetModules;
    readonly baseModel?: string | null;
  } = {},
): PeftFile {
  const arrays: Record<string, TensorData> = {};
  for (const [name, { down, up }] of adapter) {
    arrays[`${name}.lora_A.weight`] = down;
    arrays[`${name}.lora_B.weight`] = up;
  }
  const components = new Set(Array.from(adapter.keys(), componentOf));
  const metadata: Record<string, Json> = {};
  for (const component of components) {
    const own = [...adapter]
      .filter(([name]) => componentOf(name) === component)
      .map(([name, module]) => [name.slice(component.length + 1), module] as const);
    for (const [field, value] of Object.entries(configOf(own, { targets, baseModel })))
      metadata[`${component}.${field}`] = value;
  }
  return {
    arrays,
    config: configOf([...adapter], { targets, baseModel }),
    metadata: { format: "pt", lora_adapter_metadata: JSON.stringify(metadata) },
  };
}

function configOf(
  modules: readonly (readonly [string, LoraModule])[],
  options: { readonly targets: TargetModules | undefined; readonly baseModel: string | null },
): JsonObject {
  const rank = mostFrequent(modules.map(([, module]) => rankOf(module)));
  const alpha = mostFrequent(modules.map(([, module]) => module.alpha));
  const others = (value: (module: LoraModule) => number, usual: number): JsonObject =>
    Object.fromEntries(
      modules.flatMap(([name, module]) =>
        value(module) === usual ? [] : [[name.replaceAll(".", "\\."), value(module)]],
      ),
    );
  return {
    peft_type: "LORA",
    base_model_name_or_path: options.baseModel,
    r: rank,
    lora_alpha: alpha,
    target_modules: options.targets ?? modules.map(([name]) => name),
    rank_pattern: others(rankOf, rank),
    alpha_pattern: others((module) => module.alpha, alpha),
    bias: "none",
    lora_dropout: 0,
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    modules_to_save: null,
    use_dora: false,
    use_rslora: false,
  };
}

function mostFrequent(values: readonly number[]): number {
  const count = (value: number) => values.filter((other) => other === value).length;
  return values.reduce((best, next) => (count(next) > count(best) ? next : best));
}
