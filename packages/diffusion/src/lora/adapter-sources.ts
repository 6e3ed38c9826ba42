import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { unzipSync } from "fflate";
import { exists } from "../files/sharded-weights";
import { decodeText, readTextFile } from "../files/text-file";
import { openSafetensors, sourceOfBytes, type WeightSource } from "../files/weight-files";
import {
  folderAmong,
  folderOf,
  isOwnConfig,
  isPickle,
  pickled,
  weightsAmong,
} from "./adapter-names";
import { peftFiles } from "./peft";

const maxConfigBytes = 4 * 2 ** 20;
const maxZipBytes = 2 ** 30;

type AdapterFiles = {
  readonly open: () => Promise<WeightSource>;
  /** The text of adapter_config.json, where the adapter has one. */
  readonly config: () => Promise<string | undefined>;
};

/** The files of an adapter: of a folder, beside the file that is named, or in a zip. */
export async function filesOf(path: string): Promise<AdapterFiles> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new TandemError("not-found", `there is no adapter at ${path}`);
  if (found.isFile() && extname(path).toLowerCase() === ".zip") return filesOfZip(path, found.size);
  if (found.isFile() && isPickle(path)) throw pickled(path, [basename(path)]);
  const file = found.isFile() ? path : join(path, weightsAmong(path, await readdir(path)));
  const config = join(dirname(file), peftFiles.config);
  return {
    open: () => openSafetensors(file),
    async config() {
      if (!(await exists(config))) return undefined;
      const others = await readdir(dirname(file));
      return isOwnConfig(config, basename(file), others)
        ? readTextFile(config, maxConfigBytes)
        : undefined;
    },
  };
}

async function filesOfZip(path: string, size: number): Promise<AdapterFiles> {
  const tooLarge = (name: string, bytes: number, most: number) =>
    new TandemError("too-large", `${name} holds ${bytes} bytes, at most ${most}`);
  if (size > maxZipBytes) throw tooLarge(path, size, maxZipBytes);
  const zip = new Uint8Array(await readFile(path));
  /** In the zip by slashes, whatever has packed it. */
  const names: string[] = [];
  const unzip = (wanted: readonly string[]) => {
    const files = new Map<string, Uint8Array>();
    try {
      const found = unzipSync(zip, {
        filter({ name: stored, originalSize }) {
          const name = slashed(stored);
          names.push(name);
          const most = basename(name) === peftFiles.config ? maxConfigBytes : maxZipBytes;
          if (wanted.includes(name) && originalSize > most)
            throw tooLarge(`${path}/${name}`, originalSize, most);
          return wanted.includes(name);
        },
      });
      for (const [name, bytes] of Object.entries(found)) files.set(slashed(name), bytes);
      return files;
    } catch (cause) {
      if (cause instanceof TandemError) throw cause;
      throw new TandemError("bad-data", `${path} is no zip that can be read`, { cause });
    }
  };
  unzip([]);
  const folder = folderAmong(path, names);
  const within = (name: string) => (folder === "" ? name : `${folder}/${name}`);
  const at = folder === "" ? path : `${path}/${folder}`;
  const inside = names.flatMap((name) => (folderOf(name) === folder ? [basename(name)] : []));
  const name = weightsAmong(at, inside);
  const files = unzip([within(name), within(peftFiles.config)]);
  const weights = files.get(within(name));
  const config = files.get(within(peftFiles.config));
  if (!weights) throw new Error(`${path}: ${within(name)} is there, and is not`);
  return {
    open: () => sourceOfBytes(`${at}/${name}`, weights),
    async config() {
      const source = `${at}/${peftFiles.config}`;
      return config && isOwnConfig(source, name, inside) ? decodeText(config, source) : undefined;
    },
  };
}

const slashed = (name: string) => name.replaceAll("\\", "/");
