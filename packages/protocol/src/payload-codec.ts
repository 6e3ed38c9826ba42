import { TandemError } from "@tandem/core/errors";
import { notFinite } from "@tandem/core/finite";
import type { JsonObject } from "@tandem/core/json";
import type { Payload, WireEncoding } from "@tandem/core/payload";
import { type Arrays, f32, sizeOf, type TensorData } from "@tandem/core/tensor";
import { expectOutline, type UploadOutline } from "@tandem/core/upload-outline";
import { deflated, inflated, inflating } from "./deflate";
import { fromHalves, toHalves } from "./half";
import { jsonObject } from "./json";
import { fromShares, quantiseRows, quantiseRowsCoarsely, restoreRows, toShares } from "./quantise";
import {
  type Declared,
  declaredSafetensors,
  decodeSafetensors,
  encodeSafetensors,
} from "./safetensors";
import { decodeSheet, encodeSheet } from "./sheet";

/** A packed array and the shape that it unpacks to. */
type Packing = { readonly encoding: WireEncoding; readonly shape: readonly number[] };

const scales = ":scales";

const quantisers = { "i8-rows": quantiseRows, "i4-rows": quantiseRowsCoarsely };
const isRows = (encoding: WireEncoding): encoding is keyof typeof quantisers =>
  encoding in quantisers;

const maxTensors = 4096;

/** Of one upload as it crosses the wire. */
export const mostUploadBytes = 8 * 2 ** 20;

/** As `encodePayload`, deflated if that is shorter and the file has 512 bytes to 1 MiB; for a wire. */
export const packPayload = (payload: Payload): Promise<Uint8Array> =>
  deflated(encodePayload(payload));

/** Undoes `packPayload`; throws as `decodePayload` does, and `bad-data` beyond 1 MiB of deflated bytes. */
export const unpackPayload = async (packed: Uint8Array): Promise<Payload> =>
  decodePayload(await inflated(packed));

/** One safetensors file. The same payload gives the same bytes, whatever order its arrays come in. */
export function encodePayload(payload: Payload): Uint8Array {
  const packings: Record<string, Packing> = {};
  const arrays: Record<string, TensorData> = {};
  for (const name of Object.keys(payload.arrays).sort()) {
    const array = payload.arrays[name];
    const encoding = payload.encoding?.[name];
    if (name.endsWith(scales)) throw new Error(`"${name}": names in "${scales}" are reserved`);
    if (encoding) packings[name] = { encoding, shape: array.shape };
    Object.assign(arrays, encoding ? pack(name, array, encoding) : { [name]: array });
  }
  if (!jsonObject.safeParse(payload.meta).success)
    throw new Error("a payload's meta must be a plain JSON object of finite numbers");
  return encodeSafetensors(arrays, {
    meta: JSON.stringify(payload.meta),
    packings: JSON.stringify(packings),
  });
}

function pack(name: string, array: TensorData, encoding: WireEncoding): Arrays {
  if (encoding === "png" && array.dtype === "u8") {
    const data = encodeSheet(array);
    return { [name]: { dtype: "u8", shape: [data.length], data } };
  }
  if (encoding === "f16" && array.dtype === "f32")
    return { [name]: { dtype: "f16", shape: array.shape, data: toHalves(array.data) } };
  if (array.dtype === "f32" && array.shape.length === 2) {
    if (encoding === "u8-shares") return { [name]: toShares(array) };
    if (isRows(encoding)) {
      const rows = quantisers[encoding](array);
      return { [name]: rows.values, [`${name}${scales}`]: rows.scales };
    }
  }
  throw new Error(`"${name}" (${array.dtype}, [${array.shape}]) cannot be packed as ${encoding}`);
}

const bad = (what: string) => new TandemError("bad-data", `payload: ${what}`);
const tooLarge = (maxBytes: number) =>
  new TandemError("too-large", `payload: more than ${maxBytes} bytes of arrays`);

type Limits = { readonly maxBytes?: number; readonly maxHeaderBytes?: number };

/**
 * Throws `bad-data` on anything that `encodePayload` does not write, NaN and infinity included,
 * and `too-large` before more than `maxBytes` of arrays would be unpacked. The header has the meta.
 */
export function decodePayload(bytes: Uint8Array, limits: Limits = {}): Payload {
  const { payload } = openPayload(bytes, limits);
  return { ...payload, arrays: { ...payload.arrays } };
}

export type OpenedPayload = {
  /** Its arrays are unpacked as each is read; what is wrong with one is thrown then. */
  readonly payload: Payload;
  /** Of an array as it will be; undefined where there is none. */
  shapeOf(name: string): readonly number[] | undefined;
  /** The PNG as which an array of pictures is kept, if it is. */
  sheetOf(name: string): Uint8Array | undefined;
};

/** As `decodePayload`, for who reads little of much. */
export function openPayload(bytes: Uint8Array, limits: Limits = {}): OpenedPayload {
  const { maxBytes = 2 ** 29, maxHeaderBytes = 2 ** 22 } = limits;
  if (bytes.length > maxBytes) throw tooLarge(maxBytes);
  const file = decodeSafetensors(bytes, { maxTensors, maxHeaderBytes });
  const meta = parseObject(file.metadata.meta, "meta");
  const packings = packingsOf(file.metadata);
  const names = new Set(Object.keys(file.arrays).filter((name) => !isScales(name, packings)));
  for (const name of packings.keys())
    if (!names.has(name)) throw bad(`"${name}" is declared but missing`);
  const unpacked = [...packings.values()].reduce(
    (sum, one) => sum + unpackedBytes(one),
    bytes.length,
  );
  if (unpacked > maxBytes) throw tooLarge(maxBytes);
  const arrays = {} as Record<string, TensorData>;
  for (const name of names)
    defineLazily(arrays, name, () => {
      const [array, packing] = [file.arrays[name], packings.get(name)];
      const whole = packing ? unpack(name, array, packing, file.arrays) : array;
      if (notFinite(whole)) throw bad(`"${name}" holds values that are not finite`);
      return whole;
    });
  const encoding = Object.fromEntries(Array.from(packings, ([name, one]) => [name, one.encoding]));
  return {
    payload: { arrays, meta, ...(packings.size > 0 && { encoding }) },
    shapeOf: (name) => packings.get(name)?.shape ?? file.arrays[name]?.shape,
    sheetOf: (name) =>
      packings.get(name)?.encoding === "png" ? (file.arrays[name].data as Uint8Array) : undefined,
  };
}

/** Gives `target` a property that is worked out once, when it is first read. */
function defineLazily<T>(target: Record<string, T>, name: string, make: () => T): void {
  Object.defineProperty(target, name, {
    configurable: true,
    enumerable: true,
    get() {
      const value = make();
      Object.defineProperty(target, name, { value, enumerable: true });
      return value;
    },
  });
}

/** Of an upload's header: names, shapes and meta. */
const headerBytes = ({ arrays, others }: UploadOutline) =>
  others === undefined ? 4096 + 512 * Object.keys(arrays).length : 2 ** 18;
const mostUnpackedBytes = 2 * mostUploadBytes;

/**
 * What a client has packed for a wire; pictures are not taken. Throws as `decodePayload` does, and
 * `bad-upload` by what the header declares, before an array is inflated or unpacked.
 */
export async function decodeUpload(packed: Uint8Array, outline: UploadOutline): Promise<Payload> {
  if (packed.length > mostUploadBytes) throw tooLarge(mostUploadBytes);
  const opened = inflating(packed);
  try {
    const limits = { maxTensors, maxHeaderBytes: headerBytes(outline) };
    const declared = await declaredSafetensors(opened.start, limits);
    const maxBytes = expectDeclared(declared, outline);
    return decodePayload(await opened.whole(), { ...limits, maxBytes });
  } finally {
    opened.close();
  }
}

/** How many bytes it all unpacks to. */
function expectDeclared({ arrays, metadata, bytes }: Declared, outline: UploadOutline): number {
  const packings = packingsOf(metadata);
  const names = Object.keys(arrays).filter((name) => !isScales(name, packings));
  const outlined = names.map((name) => {
    const { encoding, shape } = packings.get(name) ?? {};
    if (encoding === "png")
      throw new TandemError("bad-upload", `"${name}" is a picture: uploads hold none`);
    return [name, shape ? { dtype: "f32" as const, shape } : arrays[name]] as const;
  });
  const meta = parseObject(metadata.meta, "meta");
  expectOutline(outline, { arrays: Object.fromEntries(outlined), meta });
  const unpacked = [...packings.values()].reduce((sum, one) => sum + unpackedBytes(one), bytes);
  if (unpacked > mostUnpackedBytes) throw tooLarge(mostUnpackedBytes);
  return unpacked;
}

const packingsOf = ({ packings }: Readonly<Record<string, string>>) =>
  new Map(
    Object.entries(parseObject(packings, "packings")).map(
      ([name, value]) => [name, parsePacking(name, value)] as const,
    ),
  );

/** Whether the array holds another's scales. */
function isScales(name: string, packings: ReadonlyMap<string, Packing>): boolean {
  const scaled = name.endsWith(scales) && packings.get(name.slice(0, -scales.length));
  return scaled ? isRows(scaled.encoding) : false;
}

const unpackedBytes = ({ encoding, shape }: Packing) =>
  sizeOf(shape) * (encoding === "png" ? 1 : 4);

function parseObject(text: string | undefined, what: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "");
  } catch (cause) {
    throw new TandemError("bad-data", `payload: ${what} is not JSON`, { cause });
  }
  const result = jsonObject.safeParse(value);
  if (!result.success) throw bad(`${what} is not a plain JSON object`);
  return result.data;
}

const encodings: readonly WireEncoding[] = ["f16", "i8-rows", "i4-rows", "u8-shares", "png"];

function parsePacking(name: string, value: unknown): Packing {
  const { encoding, shape } = (value ?? {}) as Partial<Packing>;
  if (!encoding || !encodings.includes(encoding)) throw bad(`"${name}" has no known encoding`);
  if (
    !Array.isArray(shape) ||
    !shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)
  )
    throw bad(`"${name}" has no valid shape`);
  return { encoding, shape };
}

function unpack(name: string, array: TensorData, packing: Packing, all: Arrays): TensorData {
  const { encoding, shape } = packing;
  if (encoding === "png" && array.dtype === "u8") return decodeSheet(array.data, shape);
  if (String(array.shape) === String(shape)) {
    if (encoding === "f16" && array.dtype === "f16") return f32(shape, fromHalves(array.data));
    if (encoding === "u8-shares" && array.dtype === "u8") return fromShares(array);
    const steps = all[`${name}${scales}`];
    if (isRows(encoding) && array.dtype === "i8" && steps?.dtype === "f16") {
      if (shape.length === 2 && sizeOf(steps.shape) === shape[0])
        return restoreRows({ values: array, scales: steps });
    }
  }
  throw bad(`"${name}" (${array.dtype}, [${array.shape}]) is not ${encoding} of [${shape}]`);
}
