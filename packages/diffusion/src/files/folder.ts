import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { listed } from "@tandem/core/format";
import type { Json, JsonObject } from "@tandem/core/json";
import type { HeaderLimits } from "@tandem/protocol/safetensors-header";
import { parseJsonObject } from "./python-json";
import { chooseVariant, exists, openWeights, writeWeights } from "./sharded-weights";
import { readTextFile } from "./text-file";
import type { WeightSource } from "./weight-files";

const maxConfigBytes = 4 * 2 ** 20;

/** A part of a pipeline, in a folder of its own name. */
export type Component = {
  readonly className: string;
  /** The Python package that the class is from. */
  readonly library: string;
  readonly config: JsonObject;
  /** The other files, such as merges.txt, by name; weights are not among them. */
  readonly files: ReadonlyMap<string, () => Promise<string>>;
  /**
   * Reads nothing but headers; the caller closes it. `variant` is that of the files: the one asked
   * for, else none, else the only one there. Throws `not-found` if there are no weights.
   */
  openWeights(): Promise<WeightSource & { readonly variant?: string | undefined }>;
};

export type DiffusersFolder = {
  readonly className: string;
  readonly components: ReadonlyMap<string, Component>;
  /** Entries of model_index.json that are not components, such as requires_safety_checker. */
  readonly settings: JsonObject;
};

const layout = {
  index: "model_index.json",
  scheduler: "scheduler_config.json",
} as const;

const configNames = [
  "config.json",
  layout.scheduler,
  "tokenizer_config.json",
  "preprocessor_config.json",
];
const weightBases = ["diffusion_pytorch_model", "model"];
const isWeights = (file: string) =>
  /\.(safetensors|bin|ckpt|pt|onnx|msgpack|h5|partial)$/.test(file) || file.includes(".index.");

const readJson = async (path: string): Promise<JsonObject> =>
  parseJsonObject(await readTextFile(path, maxConfigBytes), path);

/**
 * Reads a pipeline folder in diffusers' layout, or a folder that is one component (config.json and
 * weights), which then is called "model". Weights are opened when they are asked for. Components that
 * are not `needed` are left aside, and need not be there; by default all are.
 */
export async function openFolder(
  directory: string,
  {
    needed,
    ...options
  }: {
    readonly variant?: string;
    readonly limits?: HeaderLimits;
    readonly needed?: readonly string[];
  } = {},
): Promise<DiffusersFolder> {
  if (!(await exists(join(directory, layout.index)))) {
    const found = await Promise.all(configNames.map((name) => exists(join(directory, name))));
    if (!found.includes(true))
      throw new TandemError(
        "not-found",
        `${directory} is no diffusers folder: it has no ${layout.index}`,
      );
    const component = await openComponent(directory, options);
    return { className: "", components: new Map([["model", component]]), settings: {} };
  }
  const path = join(directory, layout.index);
  const { _class_name: className, ...entries } = await readJson(path);
  if (typeof className !== "string")
    throw new TandemError("bad-data", `${path}: _class_name is ${JSON.stringify(className)}`);
  const components = new Map<string, Component>();
  const settings: [string, Json][] = [];
  for (const [name, value] of Object.entries(entries)) {
    const named = pairOf(value);
    if (!named) settings.push([name, value]);
    else if (named.className !== null && (needed?.includes(name) ?? true)) {
      // the name is a folder's: nothing that leads out of the directory
      if (!/^[a-zA-Z]\w*$/.test(name))
        throw new TandemError("bad-data", `${path}: "${name}" cannot be a component's folder`);
      components.set(name, await openComponent(join(directory, name), { ...options, ...named }));
    }
  }
  return { className, components, settings: Object.fromEntries(settings) };
}

/** `["diffusers", "AutoencoderKL"]`, or two nulls for a component that is left out. */
function pairOf(value: Json): { library: string; className: string | null } | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [library, className] = value;
  if (library === null && className === null) return { library: "", className: null };
  if (typeof library !== "string" || typeof className !== "string") return undefined;
  return { library, className };
}

async function openComponent(
  directory: string,
  {
    library,
    className,
    ...options
  }: {
    readonly library?: string;
    readonly className?: string | null;
    readonly variant?: string;
    readonly limits?: HeaderLimits;
  },
): Promise<Component> {
  const names = await readdir(directory).catch((cause) => {
    throw new TandemError("not-found", `the component folder ${directory} is missing`, { cause });
  });
  const expected = className ? [configNameOf(className)] : configNames;
  const configName = expected.find((name) => names.includes(name));
  // of a tokenizer the vocabulary says enough; any other part would silently take defaults
  const canLack = className && isTokenizer(className) && names.length > 0;
  if (!configName && !canLack)
    throw new TandemError(
      "not-found",
      `the component folder ${directory} has no ${listed(expected, "or")}: fetch the whole folder again`,
    );
  const config = configName ? await readJson(join(directory, configName)) : {};
  const architecture = Array.isArray(config.architectures) ? config.architectures[0] : undefined;
  const found = className ?? config._class_name ?? architecture;
  if (typeof found !== "string")
    throw new TandemError("bad-data", `${join(directory, configName ?? "")} names no class`);
  const files = names.filter((name) => name !== configName && !isWeights(name));
  return {
    className: found,
    library: library ?? "",
    config,
    files: new Map(files.sort().map((name) => [name, () => readTextFile(join(directory, name))])),
    async openWeights() {
      const { variant: wanted, limits } = options;
      const variant = await chooseVariant(directory, weightBases, wanted);
      const source = await openWeights(directory, weightBases, {
        variant,
        ...(limits && { limits }),
      });
      return { ...source, variant };
    },
  };
}

export type ComponentContent = {
  readonly className: string;
  readonly library: string;
  readonly config: JsonObject;
  readonly weights?: WeightSource;
  readonly files?: ReadonlyMap<string, string>;
};

/** Writes a pipeline folder that diffusers and `openFolder` read. Sources stay open. */
export async function writeFolder(
  directory: string,
  content: {
    readonly className: string;
    readonly components: ReadonlyMap<string, ComponentContent>;
    readonly settings?: JsonObject;
  },
  options: { readonly maxShardBytes?: number; readonly variant?: string } = {},
): Promise<void> {
  const pairs: [string, Json][] = [];
  for (const [name, component] of content.components) {
    const { className, library, config } = component;
    const own = join(directory, name);
    await mkdir(own, { recursive: true });
    await writeFile(join(own, configNameOf(className)), jsonText(config));
    for (const [file, text] of component.files ?? []) await writeFile(join(own, file), text);
    if (component.weights) {
      const base = library === "transformers" ? "model" : "diffusion_pytorch_model";
      await writeWeights(own, base, { source: component.weights, ...options });
    }
    pairs.push([name, [library, className]]);
  }
  await mkdir(directory, { recursive: true });
  // last: a folder without it is no pipeline yet
  await writeFile(
    join(directory, layout.index),
    jsonText({
      _class_name: content.className,
      ...content.settings,
      ...Object.fromEntries(pairs),
    }),
  );
}

const isTokenizer = (className: string) => /Tokenizer(Fast)?$/.test(className);

/** The one that diffusers and transformers look for. */
function configNameOf(className: string): string {
  if (className.endsWith("Scheduler")) return layout.scheduler;
  if (isTokenizer(className)) return "tokenizer_config.json";
  if (/(Processor|FeatureExtractor)$/.test(className)) return "preprocessor_config.json";
  return "config.json";
}

/** As Python's json module writes it, infinities included: they stand in scheduler configs. */
function jsonText(value: JsonObject): string {
  const mark = "\u0000infinity";
  const text = JSON.stringify(
    value,
    (_, item) => (item === Infinity ? mark : item === -Infinity ? `-${mark}` : item),
    2,
  );
  return `${text.replaceAll(`"-\\u0000infinity"`, "-Infinity").replaceAll(`"\\u0000infinity"`, "Infinity")}\n`;
}
