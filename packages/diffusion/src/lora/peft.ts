import { TandemError } from "@tandem/core/errors";
import type { Json, JsonObject } from "@tandem/core/json";
import type { Arrays, TensorData } from "@tandem/core/tensor";
import { parsePythonJson } from "../files/python-json";
import {
  groupModules,
  type LoraAdapter,
  type LoraModule,
  type LoraParts,
  moduleOfParts,
  rankOf,
  scalarOf,
} from "./adapter";
import { objectOf, type PeftConfig, parsePeftConfig } from "./peft-config";
import { partOfPeft } from "./peft-names";
import type { TargetModules } from "./targets";

/** Names of the files of an adapter's folder, as their readers look for them. */
export const peftFiles = {
  /** Of diffusers' load_lora_weights. */
  weights: "pytorch_lora_weights.safetensors",
  /** Of PEFT's PeftModel, for one model. */
  modelWeights: "adapter_model.safetensors",
  config: "adapter_config.json",
} as const;

/**
 * Reads PEFT's and diffusers' names, old ones included. alpha is the tensor `.alpha` of the module,
 * or that of `config` (adapter_config.json), or of the file's own `metadata`, else the rank. Names
 * without a component are of `component`, or of the one of `modules` or models that has them.
 */
export function readPeft(
  arrays: Arrays,
  options: {
    readonly config?: JsonObject | undefined;
    readonly metadata?: Readonly<Record<string, string>>;
    readonly component?: string | undefined;
    readonly modules?: Iterable<string>;
  } = {},
): LoraAdapter {
  const whole = options.config && parsePeftConfig(options.config);
  const own = whole ? new Map<string, PeftConfig>() : embeddedConfigs(options.metadata ?? {});
  const groups = groupModules(arrays, partOfPeft(options));
  return new Map(
    Array.from(groups, ([name, parts]) => {
      const config = whole ?? own.get(componentOf(name));
      return [name, moduleOfParts(name, parts, config && alphaBy(config, name, parts))];
    }),
  );
}

/** alpha of a module by its config, which the file must agree with. */
function alphaBy(config: PeftConfig, name: string, { down, alpha }: LoraParts): number {
  const conflict = (tensor: string, what: string, value: number) =>
    new TandemError("conflict", `"${tensor}" has ${what}, its config says ${value}`);
  const rank = down?.array.shape[0] ?? 0;
  const told = config.rankOf(name);
  if (down && rank > 0 && rank !== told) throw conflict(down.tensor, `rank ${rank}`, told);
  const found = config.alphaOf(name, rank);
  const own = alpha && scalarOf(alpha);
  // the tensor may be a bfloat16
  if (own !== undefined && Math.abs(own - found) > Math.abs(found) / 128)
    throw conflict(alpha?.tensor ?? name, `alpha ${own}`, found);
  return found;
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
