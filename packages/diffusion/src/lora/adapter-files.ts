import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { readArrays, sourceOf, writeSafetensors } from "../files/weight-files";
import type { LoraAdapter } from "./adapter";
import { filesOf } from "./adapter-sources";
import { isKohya, readKohya, writeKohya } from "./kohya";
import { embeddedConfig, peftFiles, readPeft, writePeft } from "./peft";
import { parsePeftJson } from "./peft-config";
import type { TargetModules } from "./targets";

/**
 * Reads an adapter in PEFT's, diffusers' or kohya's names: a file, a folder with
 * adapter_config.json, or the zip of one that `adapterZip` makes. `component` is whose modules a
 * file without prefixes holds; `modules`, the model's module names, make names certain.
 */
export async function readAdapter(
  path: string,
  options: { readonly component?: string; readonly modules?: Iterable<string> } = {},
): Promise<LoraAdapter> {
  const files = await filesOf(path);
  const source = await files.open();
  try {
    const arrays = await readArrays(source, { keepHalf: true });
    const text = await files.config();
    if (!isKohya(arrays))
      return readPeft(arrays, {
        ...options,
        config: text === undefined ? undefined : parsePeftJson(text, peftFiles.config),
        metadata: source.metadata,
      });
    const config = text === undefined ? embeddedConfig : peftFiles.config;
    if (text === undefined && source.metadata[embeddedConfig] === undefined)
      return readKohya(arrays, options);
    throw new TandemError(
      "conflict",
      `its names are kohya's, whose alpha is in the file, but ${config} is PEFT's: remove the one that is not the adapter's`,
    );
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    throw new TandemError(error.code, `${path}: ${error.message}`, { cause: error });
  } finally {
    await source.close();
  }
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
