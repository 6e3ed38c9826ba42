import { TandemError } from "@tandem/core/errors";
import { type Arrays, f32, i32, type TensorData, type TensorOf, u8 } from "@tandem/core/tensor";
import { fromFloat8s } from "./float8";
import { fromBfloats, fromHalves, toBfloats, toHalves } from "./half";
import { storedName } from "./safetensors";
import type { StoredDType, TensorSpec } from "./safetensors-header";
import { type HeaderLimits, headerLength, parseHeader } from "./safetensors-header";

/** A tensor as its file holds it: little-endian bytes, row-major. */
export type StoredTensor = TensorSpec & { readonly bytes: Uint8Array };

export type FloatDType = Extract<StoredDType, "F32" | "F16" | "BF16">;

/** The elements of `bytes`; copies only what does not start at a multiple of the element size. */
function view<T>(
  bytes: Uint8Array,
  type: { new (buffer: ArrayBufferLike, at: number, length: number): T; BYTES_PER_ELEMENT: number },
): T {
  const size = type.BYTES_PER_ELEMENT;
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new type(aligned.buffer, aligned.byteOffset, aligned.byteLength / size);
}

/**
 * The same numbers in a dtype that the platform computes with: bfloat16 and floats of one byte
 * become f32, integers wider or narrower than ours i32. Throws `not-supported` with the tensor's
 * name for an integer that i32 cannot hold, for packed and for complex numbers.
 */
export function toTensorData(stored: StoredTensor, name: string): TensorData {
  const { dtype, shape, bytes } = stored;
  switch (dtype) {
    case "F64":
      return { dtype: "f64", shape, data: view(bytes, Float64Array) };
    case "F32":
      return f32(shape, view(bytes, Float32Array));
    case "F16":
      return { dtype: "f16", shape, data: view(bytes, Uint16Array) };
    case "BF16":
      return f32(shape, fromBfloats(view(bytes, Uint16Array)));
    case "F8_E4M3":
    case "F8_E5M2":
    case "F8_E4M3FNUZ":
    case "F8_E5M2FNUZ":
    case "F8_E8M0":
      return f32(shape, fromFloat8s(bytes, dtype));
    case "I32":
      return i32(shape, view(bytes, Int32Array));
    case "U16":
      return { dtype: "u16", shape, data: view(bytes, Uint16Array) };
    case "I8":
      return { dtype: "i8", shape, data: view(bytes, Int8Array) };
    case "U8":
    case "BOOL":
      return u8(shape, bytes);
    case "I16":
      return i32(shape, view(bytes, Int16Array));
    case "U32":
      return i32(shape, narrowed(view(bytes, Uint32Array), name));
    case "I64":
      return i32(shape, narrowed(view(bytes, BigInt64Array), name));
    case "U64":
      return i32(shape, narrowed(view(bytes, BigUint64Array), name));
    case "F4":
    case "F6_E2M3":
    case "F6_E3M2":
    case "C64":
      throw new TandemError(
        "not-supported",
        `"${name}" is ${dtype}, which is not read as numbers: save it as F32, F16 or BF16`,
      );
  }
}

function narrowed(values: Uint32Array | BigInt64Array | BigUint64Array, name: string): Int32Array {
  return Int32Array.from(values as ArrayLike<number | bigint>, (value) => {
    const number = Number(value);
    if (number === (number | 0)) return number;
    throw new TandemError("not-supported", `"${name}" holds ${value}, beyond 32-bit integers`);
  });
}

/** The same numbers as f32, rounded to nearest. */
export function asSingle({ dtype, shape, data }: TensorData): TensorOf<"f32"> {
  return f32(shape, dtype === "f16" ? fromHalves(data) : data);
}

/** Whether a dtype is of floats that `toSingle` reads. */
export const isFloat = (dtype: StoredDType): boolean => /^(F(8_|16|32|64)|BF16)/.test(dtype);

/** Floats of any width as f32; other dtypes are refused with the tensor's name. */
export function toSingle(stored: StoredTensor, name: string): TensorOf<"f32"> {
  if (isFloat(stored.dtype)) return asSingle(toTensorData(stored, name));
  throw new TandemError("bad-data", `"${name}" is ${stored.dtype}, not a weight in floats`);
}

/** Shares the memory of the array. */
export function toStored({ dtype, shape, data }: TensorData): StoredTensor {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { dtype: storedName(dtype), shape, bytes };
}

/** The same weight in another float dtype, rounded to nearest, ties to even. */
export function castStored(stored: StoredTensor, dtype: FloatDType, name: string): StoredTensor {
  if (stored.dtype === dtype) return stored;
  const { shape, data } = toSingle(stored, name);
  const cast = dtype === "F32" ? data : dtype === "F16" ? toHalves(data) : toBfloats(data);
  return { dtype, shape, bytes: new Uint8Array(cast.buffer, cast.byteOffset, cast.byteLength) };
}

/** Every tensor of a file in memory, in whatever dtype; the bytes are not copied. */
export function decodeStored(
  bytes: Uint8Array,
  limits: HeaderLimits = {},
): ReadonlyMap<string, StoredTensor> {
  const start = 8 + headerLength(bytes, bytes.length, limits);
  const { tensors } = parseHeader(bytes.subarray(8, start), bytes.length - start, limits);
  return new Map(
    Array.from(tensors, ([name, { dtype, shape, begin, end }]) => [
      name,
      { dtype, shape, bytes: bytes.subarray(start + begin, start + end) },
    ]),
  );
}

/** The arrays of a file from elsewhere (PyTorch, diffusers), as `toTensorData` gives each. */
export const decodeForeign = (bytes: Uint8Array, limits: HeaderLimits = {}): Arrays =>
  Object.fromEntries(
    Array.from(decodeStored(bytes, limits), ([name, stored]) => [
      name,
      toTensorData({ ...stored, bytes: new Uint8Array(stored.bytes) }, name),
    ]),
  );
