import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import type { JsonObject } from "@tandem/core/json";
import { unzipSync } from "fflate";
import { parsePythonJson } from "../files/python-json";
import { exists } from "../files/sharded-weights";
import { readTextFile } from "../files/text-file";
import {
  openSafetensors,
  readArrays,
  sourceOf,
  sourceOfBytes,
  type WeightSource,
  writeSafetensors,
} from "../files/weight-files";
import type { LoraAdapter } from "./adapter";
import { isKohya, readKohya, writeKohya } from "./kohya";
import { peftFiles, readPeft, writePeft } from "./peft";
import type { TargetModules } from "./targets";

const maxConfigBytes = 4 * 2 ** 20;
const maxZipBytes = 2 ** 30;
const weightNames = [peftFiles.weights, peftFiles.modelWeights];
const isPickle = (name: string) => /\.(bin|pt|pth|ckpt)$/i.test(name);

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
    if (isKohya(arrays)) return readKohya(arrays, options);
    const text = await files.config();
    const config = text === undefined ? undefined : parsePythonJson(text, peftFiles.config);
    if (config !== undefined && (typeof config !== "object" || config === null))
      throw new TandemError("bad-data", `${path}: ${peftFiles.config} is not a JSON object`);
    return readPeft(arrays, {
      ...options,
      config: config as JsonObject | undefined, // what a JSON parser gave, and an object
      metadata: source.metadata,
    });
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    throw new TandemError(error.code, `${path}: ${error.message}`, { cause: error });
  } finally {
    await source.close();
  }
}

type AdapterFiles = {
  readonly open: () => Promise<WeightSource>;
  /** The text of adapter_config.json, where there is one. */
  readonly config: () => Promise<string | undefined>;
};

async function filesOf(path: string): Promise<AdapterFiles> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new TandemError("not-found", `there is no adapter at ${path}`);
  if (found.isFile() && extname(path).toLowerCase() === ".zip") return filesOfZip(path, found.size);
  if (found.isFile() && isPickle(path)) throw pickled(path, [basename(path)]);
  const file = found.isFile() ? path : join(path, weightsAmong(path, await readdir(path)));
  const config = join(dirname(file), peftFiles.config);
  return {
    open: () => openSafetensors(file),
    config: async () => ((await exists(config)) ? readTextFile(config, maxConfigBytes) : undefined),
  };
}

async function filesOfZip(path: string, size: number): Promise<AdapterFiles> {
  const tooLarge = (bytes: number) =>
    new TandemError("too-large", `${path} holds ${bytes} bytes, at most ${maxZipBytes}`);
  if (size > maxZipBytes) throw tooLarge(size);
  const zip = new Uint8Array(await readFile(path));
  const names: string[] = [];
  const unzip = (wanted: (name: string) => boolean) => {
    try {
      return unzipSync(zip, {
        filter({ name, originalSize }) {
          names.push(name);
          if (wanted(name) && originalSize > maxZipBytes) throw tooLarge(originalSize);
          return wanted(name);
        },
      });
    } catch (cause) {
      if (cause instanceof TandemError) throw cause;
      throw new TandemError("bad-data", `${path} is no zip that can be read`, { cause });
    }
  };
  unzip(() => false);
  const name = weightsAmong(path, names);
  const files = unzip((other) => other === name || other === peftFiles.config);
  return {
    open: () => sourceOfBytes(`${path}/${name}`, files[name]),
    config: async () => {
      const bytes = files[peftFiles.config];
      return bytes && new TextDecoder().decode(bytes);
    },
  };
}

/** The file of an adapter by the names that its tools give it, or the only one of its kind. */
function weightsAmong(path: string, names: readonly string[]): string {
  const named = weightNames.find((name) => names.includes(name));
  if (named) return named;
  const all = names.filter((name) => /^[^/]+\.safetensors$/.test(name)).sort();
  if (all.length === 1) return all[0];
  if (all.length > 1)
    throw new TandemError("bad-config", `${path} holds ${all.join(", ")}: name the one to use`);
  const pickles = names.filter(isPickle);
  if (pickles.length > 0) throw pickled(path, pickles);
  throw new TandemError(
    "not-found",
    `${path} holds none of ${weightNames.join(", ")}, nor another .safetensors file`,
  );
}

const pickled = (path: string, names: readonly string[]) =>
  new TandemError(
    "not-supported",
    `${path}: ${names.join(", ")} may run code when it is read, and is not: save the adapter as .safetensors`,
  );

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
