import { TandemError } from "@tandem/core/errors";
import type { Json, JsonObject } from "@tandem/core/json";
import { type TargetModules, wholeName } from "./targets";

export type PeftConfig = {
  readonly rank: number;
  readonly alpha: number;
  readonly targets: TargetModules | undefined;
  rankOf(module: string): number;
  /** alpha of a module, rsLoRA's scale (arXiv 2312.03732) folded into it. */
  alphaOf(module: string, rank: number): number;
};

/** Fields that change the arithmetic, or what else the adapter needs: null, false or empty here. */
const unsupported = [
  "alora_invocation_tokens",
  "arrow_config",
  "fan_in_fan_out",
  "kasa_config",
  "layer_replication",
  "lora_bias",
  "megatron_config",
  "modules_to_save",
  "monteclora_config",
  "target_parameters",
  "trainable_token_indices",
  "use_bdlora",
  "use_dora",
  "use_qalora",
];
/** The values of fields that have others; what is not said is the first. */
const supported: Readonly<Record<string, readonly Json[]>> = {
  peft_type: ["LORA"],
  bias: ["none"],
  // the others, such as PiSSA, OLoRA, CorDA, LoftQ and LoRA-GA, change the base model's weights
  init_lora_weights: [true, false, "gaussian", "eva", "orthogonal", "mica"],
};

const isEmpty = (value: Json | undefined) =>
  value === undefined ||
  value === null ||
  value === false ||
  (typeof value === "object" && Object.keys(value).length === 0);

/**
 * Reads `adapter_config.json`, with PEFT's defaults; throws `not-supported` with a field that
 * changes the arithmetic.
 */
export function parsePeftConfig(config: JsonObject): PeftConfig {
  const refuse = (field: string, instead: string) =>
    new TandemError(
      "not-supported",
      `adapter_config.json: ${field} = ${JSON.stringify(config[field])}; supported: ${instead}`,
    );
  for (const field of unsupported) if (!isEmpty(config[field])) throw refuse(field, "none");
  for (const [field, allowed] of Object.entries(supported)) {
    const value = config[field] ?? allowed[0];
    const known = typeof value === "string" && field !== "peft_type" ? value.toLowerCase() : value;
    if (!allowed.includes(known)) throw refuse(field, allowed.join(", "));
  }
  const rank = positive(config.r ?? 8, "r");
  const alpha = finite(config.lora_alpha ?? 8, "lora_alpha");
  const ranks = patternsOf(config, "rank_pattern", positive);
  const alphas = patternsOf(config, "alpha_pattern", finite);
  const rootScaled = config.use_rslora === true;
  return {
    rank,
    alpha,
    targets: targetsOf(config.target_modules),
    rankOf: (module) => ranks(module) ?? rank,
    alphaOf(module, own) {
      const found = alphas(module) ?? alpha;
      return rootScaled ? found * Math.sqrt(own) : found;
    },
  };
}

/**
 * PEFT's rule: the first key that is, as a regular expression, all of a module's name or the end of
 * it behind a dot. PEFT knows the name without its component, we with it: both may match.
 */
function patternsOf(
  config: JsonObject,
  field: string,
  parse: (value: Json, field: string) => number,
): (module: string) => number | undefined {
  const patterns = Object.entries(objectOf(config[field], field)).map(([key, value]) => ({
    pattern: wholeName(`(?:.*\\.)?(?:${key})`, field),
    value: parse(value, `${field} "${key}"`),
  }));
  return (module) => {
    const names = [module, module.slice(module.indexOf(".") + 1)];
    return patterns.find(({ pattern }) => names.some((name) => pattern.test(name)))?.value;
  };
}

function positive(value: Json, field: string): number {
  if (typeof value === "number" && value > 0 && Number.isSafeInteger(value)) return value;
  throw new TandemError("bad-config", `adapter_config.json: ${field} = ${JSON.stringify(value)}`);
}

function finite(value: Json, field: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new TandemError("bad-config", `adapter_config.json: ${field} = ${JSON.stringify(value)}`);
}

export function objectOf(value: Json | undefined, field: string): JsonObject {
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
