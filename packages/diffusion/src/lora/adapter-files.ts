import { mkdir, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import type { JsonObject } from "@tandem/core/json";
import { parsePythonJson } from "../files/python-json";
import { exists } from "../files/sharded-weights";
import { readTextFile } from "../files/text-file";
import { openSafetensors, readArrays, sourceOf, writeSafetensors } from "../files/weight-files";
import type { LoraAdapter } from "./adapter";
import { isKohya, readKohya, writeKohya } from "./kohya";
import { peftFiles, readPeft, writePeft } from "./peft";
import type { TargetModules } from "./targets";

const maxConfigBytes = 4 * 2 ** 20;
const weightNames = [peftFiles.weights, peftFiles.modelWeights];

/**
 * Reads an adapter in PEFT's, diffusers' or kohya's names: a file, or a folder with
 * adapter_config.json. `component` is whose modules a file without prefixes holds; `modules`, the
 * model's module names, make kohya's names certain.
 */
export async function readAdapter(
  path: string,
  options: { readonly component?: string; readonly modules?: Iterable<string> } = {},
): Promise<LoraAdapter> {
  const file = await weightsPath(path);
  const configPath = join(dirname(file), peftFiles.config);
  const source = await openSafetensors(file);
  try {
    const arrays = await readArrays(source, { keepHalf: true });
    if (isKohya(arrays)) return readKohya(arrays, options);
    const config = (await exists(configPath))
      ? parsePythonJson(await readTextFile(configPath, maxConfigBytes), configPath)
      : undefined;
    if (config !== undefined && (typeof config !== "object" || config === null))
      throw new TandemError("bad-data", `${configPath} is not a JSON object`);
    return readPeft(arrays, {
      config: config as JsonObject | undefined, // what a JSON parser gave, and an object
      metadata: source.metadata,
      component: options.component,
    });
  } finally {
    await source.close();
  }
}

async function weightsPath(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new TandemError("not-found", `there is no adapter at ${path}`);
  if (found.isFile()) return path;
  for (const name of weightNames) if (await exists(join(path, name))) return join(path, name);
  throw new TandemError("not-found", `${path} holds none of ${weightNames.join(", ")}`);
}

/** A folder for diffusers' load_lora_weights, with adapter_config.json. */
export async function writeAdapterFolder(
  directory: string,
  adapter: LoraAdapter,
  options: { readonly targets?: TargetModules; readonly baseModel?: string | null } = {},
): Promise<void> {
  const { arrays, config, metadata } = writePeft(adapter, options);
  await mkdir(directory, { recursive: true });
  const path = join(directory, peftFiles.config);
  await writeFile(`${path}.partial`, `${JSON.stringify(config, null, 2)}\n`);
  await rename(`${path}.partial`, path);
  await writeSafetensors(join(directory, peftFiles.weights), sourceOf(arrays, metadata));
}

/** One file for A1111 and ComfyUI. */
export async function writeKohyaFile(path: string, adapter: LoraAdapter): Promise<void> {
  const { arrays, metadata } = writeKohya(adapter);
  await writeSafetensors(path, sourceOf(arrays, metadata));
}
