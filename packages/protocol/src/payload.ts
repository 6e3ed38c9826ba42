import { TandemError } from "@tandem/core/errors";
import type { JsonObject } from "@tandem/core/json";
import type { Payload, WireEncoding } from "@tandem/core/payload";
import { type Arrays, f32, sizeOf, type TensorData } from "@tandem/core/tensor";
import { fromHalves, toHalves } from "./half";
import { jsonObject } from "./json";
import { quantiseRows, restoreRows } from "./quantise";
import { decodeSafetensors, encodeSafetensors } from "./safetensors";
import { decodeSheet, encodeSheet } from "./sheet";

/** A packed array and the shape that it unpacks to. */
type Packing = { readonly encoding: WireEncoding; readonly shape: readonly number[] };

/** One safetensors file; the same payload always gives the same bytes. */
export function encodePayload(payload: Payload): Uint8Array {
  const packings: Record<string, Packing> = {};
  const arrays: Record<string, TensorData> = {};
  for (const [name, array] of Object.entries(payload.arrays)) {
    const encoding = payload.encoding?.[name];
    if (encoding) packings[name] = { encoding, shape: array.shape };
    Object.assign(arrays, encoding ? pack(name, array, encoding) : { [name]: array });
  }
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
  if (encoding === "i8-rows" && array.dtype === "f32" && array.shape.length === 2) {
    const { values, scales } = quantiseRows(array);
    return { [name]: values, [`${name}:scales`]: scales };
  }
  throw new Error(`"${name}" (${array.dtype}, [${array.shape}]) cannot be packed as ${encoding}`);
}

const bad = (what: string) => new TandemError("bad-data", `payload: ${what}`);

/** Throws `bad-data` on anything that `encodePayload` does not write, NaN and infinity included. */
export function decodePayload(bytes: Uint8Array): Payload {
  const file = decodeSafetensors(bytes, { maxTensors: 4096, maxHeaderBytes: 2 ** 22 });
  const meta = parseObject(file.metadata.meta, "meta");
  const packings = new Map(
    Object.entries(parseObject(file.metadata.packings, "packings")).map(([name, value]) => [
      name,
      parsePacking(name, value),
    ]),
  );
  const arrays: Record<string, TensorData> = {};
  const encoding: Record<string, WireEncoding> = {};
  for (const [name, array] of Object.entries(file.arrays)) {
    if (name.endsWith(":scales") && packings.get(name.slice(0, -7))?.encoding === "i8-rows")
      continue;
    const packing = packings.get(name);
    arrays[name] = packing ? unpack(name, array, packing, file.arrays) : array;
    if (packing) encoding[name] = packing.encoding;
    if (!allFinite(arrays[name])) throw bad(`"${name}" holds values that are not finite`);
  }
  for (const name of packings.keys())
    if (!(name in arrays)) throw bad(`"${name}" is declared but missing`);
  return { arrays, meta, ...(Object.keys(encoding).length > 0 && { encoding }) };
}

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

function parsePacking(name: string, value: unknown): Packing {
  const { encoding, shape } = (value ?? {}) as Partial<Packing>;
  if (encoding !== "f16" && encoding !== "i8-rows" && encoding !== "png")
    throw bad(`"${name}" has encoding ${String(encoding)}`);
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
    const scales = all[`${name}:scales`];
    if (encoding === "i8-rows" && array.dtype === "i8" && scales?.dtype === "f16") {
      if (shape.length === 2 && sizeOf(scales.shape) === shape[0])
        return restoreRows({ values: array, scales });
    }
  }
  throw bad(`"${name}" (${array.dtype}, [${array.shape}]) is not ${encoding} of [${shape}]`);
}

function allFinite(array: TensorData): boolean {
  if (array.dtype === "f16") return array.data.every((bits) => (bits & 0x7c00) !== 0x7c00);
  if (array.dtype === "f32" || array.dtype === "f64")
    return (array.data as Float32Array | Float64Array).every(Number.isFinite);
  return true;
}
