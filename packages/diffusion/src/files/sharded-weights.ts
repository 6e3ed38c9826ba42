import { readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { byteLength, type HeaderLimits } from "@tandem/protocol/safetensors-header";
import { parsePythonJson } from "./python-json";
import { readTextFile } from "./text-file";
import {
  fileOrder,
  missingTensor,
  openSafetensors,
  type WeightSource,
  writeSafetensors,
} from "./weight-files";

const maxIndexBytes = 32 * 2 ** 20;
const maxShards = 1024;

const bad = (path: string, what: string) => new TandemError("bad-data", `${path}: ${what}`);

/**
 * Opens a `*.safetensors.index.json` and the headers of all its files. Throws `bad-data` when a
 * file lacks what the index puts there; what else it holds is left aside.
 */
export async function openSharded(
  directory: string,
  indexName: string,
  limits: HeaderLimits = {},
): Promise<WeightSource> {
  const path = join(directory, indexName);
  const fileOf = readIndex(path, await readTextFile(path, maxIndexBytes));
  const files = [...new Set(fileOf.values())].sort();
  if (files.length > maxShards) throw bad(path, `${files.length} files, at most ${maxShards}`);
  const opened = new Map<string, WeightSource>();
  const close = async () => {
    await Promise.all([...opened.values()].map((shard) => shard.close()));
  };
  try {
    const tensors = new Map();
    const unlisted: string[] = [];
    for (const file of files) {
      const shard = await openSafetensors(join(directory, file), limits);
      opened.set(file, shard);
      for (const [name, spec] of shard.tensors) {
        if (fileOf.get(name) === file) tensors.set(name, spec);
        else unlisted.push(name);
      }
    }
    const absent = [...fileOf].filter(([name]) => !tensors.has(name));
    if (absent.length > 0)
      throw bad(path, `not in their files: ${absent.map(([name, file]) => `"${name}" (${file})`)}`);
    return {
      tensors,
      unlisted,
      metadata: opened.get(files[0])?.metadata ?? {},
      async read(name) {
        const shard = opened.get(fileOf.get(name) ?? "");
        if (!shard) throw missingTensor(name, path);
        return shard.read(name);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function readIndex(path: string, text: string): ReadonlyMap<string, string> {
  const index = parsePythonJson(text, path);
  const map =
    typeof index === "object" && index !== null && "weight_map" in index && index.weight_map;
  if (typeof map !== "object" || map === null) throw bad(path, "has no weight_map");
  return new Map(
    Object.entries(map).map(([name, file]) => {
      // a file beside the index, never a path that leads elsewhere
      if (typeof file !== "string" || !/^[\w.-]+\.safetensors$/.test(file) || file.startsWith("."))
        throw bad(path, `"${name}" is in ${JSON.stringify(file)}, not a .safetensors file here`);
      return [name, file];
    }),
  );
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * Writes `BASE.safetensors`, or several files of at most `maxShardBytes` of tensors and their
 * index; what an earlier save left under the same base is removed. Returns the names written.
 */
export async function writeWeights(
  directory: string,
  base: string,
  {
    source,
    maxShardBytes = 10 * 2 ** 30,
    variant,
  }: {
    readonly source: WeightSource;
    readonly maxShardBytes?: number;
    readonly variant?: string | undefined;
  },
): Promise<readonly string[]> {
  const stem = variant ? `${base}.${variant}` : base;
  const shards: string[][] = [[]];
  let [room, total] = [maxShardBytes, 0];
  for (const name of fileOrder(source.tensors)) {
    const spec = source.tensors.get(name);
    const bytes = spec ? byteLength(spec) : 0;
    total += bytes;
    if (bytes > room && shards[shards.length - 1].length > 0) {
      shards.push([]);
      room = maxShardBytes;
    }
    shards[shards.length - 1].push(name);
    room -= bytes;
  }
  const written: string[] = [];
  const number = (n: number) => String(n).padStart(5, "0");
  const weightMap = new Map<string, string>();
  for (const [at, names] of shards.entries()) {
    const file =
      shards.length === 1
        ? `${stem}.safetensors`
        : `${stem}-${number(at + 1)}-of-${number(shards.length)}.safetensors`;
    await writeSafetensors(join(directory, file), source, names);
    for (const name of names) weightMap.set(name, file);
    written.push(file);
  }
  if (shards.length > 1) {
    const index = `${base}.safetensors.index${variant ? `.${variant}` : ""}.json`;
    const content = {
      metadata: { total_size: total },
      weight_map: Object.fromEntries([...weightMap].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
    const path = join(directory, index);
    await writeFile(`${path}.partial`, `${JSON.stringify(content, null, 2)}\n`);
    await rename(`${path}.partial`, path);
    written.push(index);
  }
  const indexed = `${escaped(base)}\\.safetensors\\.index${variant ? escaped(`.${variant}`) : ""}\\.json`;
  const own = new RegExp(`^(${escaped(stem)}(-\\d{5}-of-\\d{5})?\\.safetensors|${indexed})$`);
  for (const file of await readdir(directory))
    if (own.test(file) && !written.includes(file)) await rm(join(directory, file));
  return written;
}

/**
 * The variant of a folder's weights to open: the wanted one, else none, else the only one there.
 * Throws `bad-config` where one of several should be named.
 */
export async function chooseVariant(
  directory: string,
  bases: readonly string[],
  wanted?: string,
): Promise<string | undefined> {
  const files = (await exists(directory)) ? await readdir(directory) : [];
  const name = bases.map(escaped).join("|");
  const whole = new RegExp(`^(?:${name})(?:\\.([\\w-]+))?\\.safetensors(?:\\.index\\.json)?$`);
  const index = new RegExp(`^(?:${name})\\.safetensors\\.index\\.([\\w-]+)\\.json$`);
  const found = new Set<string | undefined>(
    files.flatMap((file) => {
      const match = whole.exec(file) ?? index.exec(file);
      return match && !/-\d{5}-of-\d{5}$/.test(match[1] ?? "") ? [match[1]] : [];
    }),
  );
  if (found.size === 0 || (wanted !== undefined && found.has(wanted))) return wanted;
  if (found.has(undefined)) return undefined;
  const [only, ...others] = [...found].sort();
  if (others.length === 0) return only;
  throw new TandemError(
    "bad-config",
    `${directory} has weights of variants ${[...found].sort().join(", ")}: name one of them`,
  );
}

/** Opens `BASE.safetensors` or its shards, of a variant such as `fp16` or of none. */
export async function openWeights(
  directory: string,
  bases: readonly string[],
  {
    variant,
    limits,
  }: { readonly variant?: string | undefined; readonly limits?: HeaderLimits } = {},
): Promise<WeightSource> {
  const tried: string[] = [];
  for (const base of bases) {
    const indexes = variant
      ? [`${base}.safetensors.index.${variant}.json`, `${base}.${variant}.safetensors.index.json`]
      : [`${base}.safetensors.index.json`];
    for (const index of indexes)
      if (await exists(join(directory, index))) return openSharded(directory, index, limits);
    const single = `${base}${variant ? `.${variant}` : ""}.safetensors`;
    if (await exists(join(directory, single)))
      return openSafetensors(join(directory, single), limits);
    tried.push(...indexes, single);
  }
  const others = (await exists(directory)) ? await readdir(directory) : [];
  const weights = others.filter((file) => /\.(safetensors|bin|ckpt|pt|msgpack)$/.test(file));
  throw new TandemError(
    "not-found",
    `no weights in ${directory}: looked for ${tried.join(", ")}` +
      (weights.length > 0 ? `; found ${weights.join(", ")}` : "") +
      (weights.some((file) => file.endsWith(".bin")) ? " (pickles: save them as safetensors)" : ""),
  );
}

export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
