import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { TandemError } from "@tandem/core/errors";
import { checkFinite } from "@tandem/core/finite";
import type { Arrays } from "@tandem/core/tensor";
import {
  byteLength,
  encodeHeader,
  type HeaderLimits,
  headerLength,
  parseHeader,
  type StoredDType,
  storedBits,
  type TensorSpec,
} from "@tandem/protocol/safetensors-header";
import {
  castStored,
  type FloatDType,
  isFloat,
  type StoredTensor,
  toSingle,
  toStored,
  toTensorData,
} from "@tandem/protocol/safetensors-stored";

/** Tensors that are read one at a time, wherever they lie. */
export type WeightSource = {
  readonly tensors: ReadonlyMap<string, TensorSpec>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Tensors in shards whose index does not put them there: they are left aside. */
  readonly unlisted?: readonly string[];
  /** A copy of its own; throws `not-found` for a name that is not in `tensors`. */
  read(name: string): Promise<StoredTensor>;
  close(): Promise<void>;
};

export const missingTensor = (name: string, where: string) =>
  new TandemError("not-found", `tensor "${name}" is not in ${where}`);

// one read of Linux ends at 2 GiB
const maxReadBytes = 2 ** 30;

async function readFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const length = Math.min(maxReadBytes, bytes.length - at);
    const { bytesRead } = await file.read(bytes, at, length, position + at);
    if (bytesRead === 0)
      throw new TandemError("corrupt", `file ends at ${position + at}: changed while it was read?`);
    at += bytesRead;
  }
}

/** Reads and checks the header; tensors follow on demand. The caller closes it. */
export async function openSafetensors(
  path: string,
  limits: HeaderLimits = {},
): Promise<WeightSource> {
  const file = await openFile(path);
  try {
    const found = await file.stat();
    if (!found.isFile())
      throw new TandemError("not-found", `${path} is no file: name the .safetensors file itself`);
    const { size } = found;
    const read = (bytes: Uint8Array, position: number) => readFully(file, bytes, position);
    return await openSource({ name: path, size, read, close: () => file.close() }, limits);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The bytes of a file as a source; `name` is what its errors call it. */
export const sourceOfBytes = (name: string, file: Uint8Array): Promise<WeightSource> =>
  openSource({
    name,
    size: file.length,
    read: async (bytes, position) => bytes.set(file.subarray(position, position + bytes.length)),
    close: async () => {},
  });

async function openSource(
  file: {
    readonly name: string;
    readonly size: number;
    /** Fills `bytes` from `position` on. */
    readonly read: (bytes: Uint8Array, position: number) => Promise<void>;
    readonly close: () => Promise<void>;
  },
  limits: HeaderLimits = {},
): Promise<WeightSource> {
  try {
    const first = new Uint8Array(Math.min(8, file.size));
    await file.read(first, 0);
    const text = new Uint8Array(headerLength(first, file.size, limits));
    await file.read(text, 8);
    const start = 8 + text.length;
    const { tensors, metadata } = parseHeader(text, file.size - start, limits);
    return {
      tensors,
      metadata,
      async read(name) {
        const place = tensors.get(name);
        if (!place) throw missingTensor(name, file.name);
        const bytes = new Uint8Array(place.end - place.begin);
        await file.read(bytes, start + place.begin);
        return { dtype: place.dtype, shape: place.shape, bytes };
      },
      close: file.close,
    };
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    throw new TandemError(error.code, `${file.name}: ${error.message}`, { cause: error });
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    throw new TandemError("not-found", `cannot open ${path}`, { cause });
  }
}

/** The order of the safetensors library: wide dtypes first, so that all are aligned; then names. */
export function fileOrder(tensors: ReadonlyMap<string, TensorSpec>): readonly string[] {
  const ranks = Object.keys(storedBits) as StoredDType[];
  const rank = ([, { dtype }]: readonly [string, TensorSpec]) => ranks.indexOf(dtype);
  return [...tensors]
    .sort((a, b) => rank(b) - rank(a) || (a[0] < b[0] ? -1 : 1))
    .map(([name]) => name);
}

/**
 * Writes the named tensors of a source, one at a time, and puts the file in place only when it is
 * whole. The same tensors give the same bytes, in whatever order the source has them. Throws
 * `bad-data` for a tensor that holds NaN or an infinity, as f16 does of numbers beyond 65,504.
 */
export async function writeSafetensors(
  path: string,
  source: WeightSource,
  names: readonly string[] = fileOrder(source.tensors),
): Promise<void> {
  const specs = names.map((name) => {
    const spec = source.tensors.get(name);
    if (!spec) throw missingTensor(name, "the source");
    return [name, spec] as const;
  });
  const partial = `${path}.partial`;
  const file = await open(partial, "w");
  try {
    await writeFully(file, encodeHeader(specs, { format: "pt", ...source.metadata }));
    for (const [name, spec] of specs) {
      const stored = await source.read(name);
      const { bytes, dtype } = stored;
      if (dtype !== spec.dtype || bytes.length !== byteLength(spec))
        throw new Error(`"${name}": ${bytes.length} bytes of ${dtype} for [${spec.shape}]`);
      if (isFloat(dtype))
        checkFinite(`"${name}" as ${dtype}`, toTensorData(stored, name), "it is not written");
      await writeFully(file, bytes);
    }
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(partial, { force: true });
    throw error;
  }
  await file.close();
  await rename(partial, path);
}

async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, Math.min(maxReadBytes, bytes.length - at));
    at += bytesWritten;
  }
}

/** Arrays in memory as a source. */
export function sourceOf(
  arrays: Arrays,
  metadata: Readonly<Record<string, string>> = {},
): WeightSource {
  const stored = new Map(Object.entries(arrays).map(([name, array]) => [name, toStored(array)]));
  return {
    tensors: stored,
    metadata,
    async read(name) {
      const found = stored.get(name);
      if (!found) throw missingTensor(name, "these arrays");
      return found;
    },
    close: async () => {},
  };
}

/** The same source with its float weights in another dtype, cast as they are read. */
export function castSource(source: WeightSource, dtype: FloatDType): WeightSource {
  const cast = ({ dtype: own }: TensorSpec) => isFloat(own);
  return {
    ...source,
    tensors: new Map(
      Array.from(source.tensors, ([name, spec]) => [name, cast(spec) ? { ...spec, dtype } : spec]),
    ),
    read: async (name) => {
      const stored = await source.read(name);
      return cast(stored) ? castStored(stored, dtype, name) : stored;
    },
  };
}

/**
 * The tensors in memory, floats as f32 but for halves with `keepHalf`. Those that are not `wanted`
 * are not read: whatever they hold refuses no file.
 */
export async function readArrays(
  source: WeightSource,
  {
    keepHalf = false,
    wanted = () => true,
  }: { readonly keepHalf?: boolean; readonly wanted?: (name: string) => boolean } = {},
): Promise<Arrays> {
  const entries: [string, Arrays[string]][] = [];
  for (const name of source.tensors.keys()) {
    if (!wanted(name)) continue;
    const stored = await source.read(name);
    const single = isFloat(stored.dtype) && !(keepHalf && stored.dtype === "F16");
    entries.push([name, single ? toSingle(stored, name) : toTensorData(stored, name)]);
  }
  return Object.fromEntries(entries);
}
