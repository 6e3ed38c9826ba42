import { TandemError } from "@tandem/core/errors";
import type { Json, JsonObject } from "@tandem/core/json";
import type { Arrays, TensorData } from "@tandem/core/tensor";
import {
  groupModules,
  type LoraAdapter,
  type LoraModule,
  type LoraParts,
  moduleOfParts,
  rankOf,
  scalarOf,
} from "./adapter";
import { type PeftConfig, parsePeftConfig, parsePeftJson } from "./peft-config";
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

/** Where diffusers keeps configs in the header of its file. */
export const embeddedConfig = "lora_adapter_metadata";

/**
 * Reads PEFT's and diffusers' names, old ones included. alpha is that of the file's own
 * `metadata`, of `config` (adapter_config.json) or of the tensor `.alpha`, which must agree, else
 * the rank. Names without a component are of `component`, or of the one of `modules` or models that
 * has them.
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
  const own = embeddedConfigs(options.metadata ?? {});
  const groups = groupModules(arrays, partOfPeft(options));
  return new Map(
    Array.from(groups, ([name, parts]) => [
      name,
      moduleOfParts(name, parts, alphaBy([whole, own(componentOf(name))], name, parts)),
    ]),
  );
}

/** alpha of a module by its configs, which must agree with the file and with each other. */
function alphaBy(
  configs: readonly (PeftConfig | undefined)[],
  name: string,
  { down, alpha }: LoraParts,
): number | undefined {
  const conflict = (tensor: string, what: string, value: number) =>
    new TandemError("conflict", `"${tensor}" has ${what}, its config says ${value}`);
  const rank = down?.array.shape[0] ?? 0;
  const own = alpha && scalarOf(alpha);
  let told: number | undefined;
  for (const config of configs) {
    if (!config) continue;
    if (down && rank > 0 && rank !== config.rankOf(name))
      throw conflict(down.tensor, `rank ${rank}`, config.rankOf(name));
    const found = config.alphaOf(name, rank);
    // the tensor may be a bfloat16
    if (own !== undefined && Math.abs(own - found) > Math.abs(found) / 128)
      throw conflict(alpha?.tensor ?? name, `alpha ${own}`, found);
    if (told !== undefined && told !== found)
      throw conflict(name, `alpha ${told} in ${peftFiles.config}`, found);
    told = found;
  }
  return told ?? own;
}

/** The model that a module is part of: `unet`. */
export const componentOf = (module: string) => module.slice(0, module.indexOf("."));

/**
 * The config of a component in the header of diffusers' files: `{"unet.r": …, "text_encoder.r": …}`
 * by save_lora_weights, and `{"r": …}` for the one model that save_lora_adapter writes.
 */
function embeddedConfigs(
  metadata: Readonly<Record<string, string>>,
): (component: string) => PeftConfig | undefined {
  const source = embeddedConfig;
  const fields = Object.entries(parsePeftJson(metadata[source] ?? "{}", source));
  const whole = fields.filter(([key]) => !key.includes("."));
  if (whole.length > 0 && whole.length < fields.length)
    throw new TandemError(
      "conflict",
      `${source} holds ${fields.map(([key]) => key).join(", ")}: of one model or of several?`,
    );
  if (whole.length > 0) {
    const config = parsePeftConfig(Object.fromEntries(whole), source);
    return () => config;
  }
  const configs = new Map(
    Array.from(new Set(fields.map(([key]) => componentOf(key))), (component) => {
      const own = fields.filter(([key]) => componentOf(key) === component);
      const config = own.map(([key, value]) => [key.slice(component.length + 1), value]);
      return [component, parsePeftConfig(Object.fromEntries(config), `${source}: ${component}`)];
    }),
  );
  return (component) => configs.get(component);
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
    metadata: { format: "pt", [embeddedConfig]: JSON.stringify(metadata) },
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
