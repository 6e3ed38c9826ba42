import { TandemError } from "@tandem/core/errors";
import type { Json, JsonObject } from "@tandem/core/json";
import { parsePythonJson } from "../files/python-json";
import { wholeName } from "./python-pattern";
import type { TargetModules } from "./targets";

export type PeftConfig = {
  readonly rank: number;
  readonly alpha: number;
  readonly targets: TargetModules | undefined;
  rankOf(module: string): number;
  /** alpha of a module, rsLoRA's scale (arXiv 2312.03732) folded into it. */
  alphaOf(module: string, rank: number): number;
};

/**
 * Fields of PEFT's LoraConfig that may have any value: parsed below, or about training, placement
 * or the adapter's origin. All others may change the arithmetic, new ones too: null, false or empty
 * here, but for `supported`.
 */
const free: ReadonlySet<string> = new Set([
  "alpha_pattern",
  "auto_mapping",
  "base_model_name_or_path",
  "eva_config",
  "exclude_modules",
  "inference_mode",
  "layers_pattern",
  "layers_to_transform",
  "lora_alpha",
  "lora_dropout",
  "megatron_core",
  "peft_version",
  "qalora_group_size",
  "r",
  "rank_pattern",
  "revision",
  "runtime_config",
  "target_modules",
  "task_type",
]);
/** The values of fields that have others; what is not said is the first. */
const supported: Readonly<Record<string, readonly Json[]>> = {
  peft_type: ["LORA"],
  bias: ["none"],
  // the others, such as PiSSA, OLoRA, CorDA, LoftQ and LoRA-GA, change the base model's weights
  init_lora_weights: [true, false, "gaussian", "eva", "orthogonal", "mica"],
  use_rslora: [false, true, 0, 1],
};

const isEmpty = (value: Json | undefined) =>
  value === undefined ||
  value === null ||
  value === false ||
  value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);

/**
 * Reads `adapter_config.json`, or what `source` is, with PEFT's defaults; throws `not-supported` with
 * a field that changes the arithmetic, or may.
 */
export function parsePeftConfig(config: JsonObject, source = "adapter_config.json"): PeftConfig {
  const refuse = (field: string, instead: string) =>
    new TandemError(
      "not-supported",
      `${source}: ${field} = ${JSON.stringify(config[field])}; supported: ${instead}`,
    );
  for (const [field, value] of Object.entries(config)) {
    if (free.has(field) || Object.hasOwn(supported, field) || isEmpty(value)) continue;
    throw refuse(field, "null or empty, as it may change what the adapter computes");
  }
  for (const [field, allowed] of Object.entries(supported)) {
    const value = config[field] ?? allowed[0];
    const known = typeof value === "string" && field !== "peft_type" ? value.toLowerCase() : value;
    if (!allowed.includes(known)) throw refuse(field, allowed.join(", "));
  }
  const rank = positive(config.r ?? 8, `${source}: r`);
  const alpha = finite(config.lora_alpha ?? 8, `${source}: lora_alpha`);
  const ranks = patternsOf(config.rank_pattern, `${source}: rank_pattern`, positive);
  const alphas = patternsOf(config.alpha_pattern, `${source}: alpha_pattern`, finite);
  const rootScaled = Boolean(config.use_rslora);
  return {
    rank,
    alpha,
    targets: targetsOf(config.target_modules, `${source}: target_modules`),
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
  object: Json | undefined,
  field: string,
  parse: (value: Json, field: string) => number,
): (module: string) => number | undefined {
  const patterns = Object.entries(objectOf(object, field)).map(([key, value]) => ({
    pattern: wholeName(key, field, "(?:.*\\.)?"),
    value: parse(value, `${field} "${key}"`),
  }));
  return (module) => {
    const names = [module, module.slice(module.indexOf(".") + 1)];
    return patterns.find(({ pattern }) => names.some((name) => pattern.test(name)))?.value;
  };
}

/**
 * The object of a config's text. PEFT goes by the first pattern that fits, and objects here put keys
 * that are whole numbers first: `(?:0)` is the same pattern, and keeps its place.
 */
export function parsePeftJson(text: string, source: string): JsonObject {
  const ordered = text.replace(/"(?:[^"\\]|\\.)*"(\s*:)?/g, (string, colon?: string) =>
    colon ? string.replace(/^"((?:\d|\\u003\d)+)"/, '"(?:$1)"') : string,
  );
  const value = parsePythonJson(ordered, source);
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as JsonObject; // what a JSON parser gave, and an object
  throw new TandemError("bad-data", `${source} is not a JSON object`);
}

function positive(value: Json, field: string): number {
  if (typeof value === "number" && value > 0 && Number.isSafeInteger(value)) return value;
  throw new TandemError("bad-config", `${field} = ${JSON.stringify(value)}`);
}

function finite(value: Json, field: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new TandemError("bad-config", `${field} = ${JSON.stringify(value)}`);
}

function objectOf(value: Json | undefined, field: string): JsonObject {
  if (value === undefined || value === null) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as JsonObject; // no array
  throw new TandemError("bad-config", `${field} is not an object`);
}

function targetsOf(value: Json | undefined, field: string): TargetModules | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw new TandemError("bad-config", `${field} = ${JSON.stringify(value)}`);
}
