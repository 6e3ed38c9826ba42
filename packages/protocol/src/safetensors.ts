import type { Arrays, DType, TensorData } from "@tandem/core/tensor";
import {
  badFile,
  encodeHeader,
  type HeaderLimits,
  headerLength,
  parseHeader,
  type StoredDType,
} from "./safetensors-header";

/** The dtypes that cross a wire. */
const formats = {
  f64: { name: "F64", array: Float64Array },
  f32: { name: "F32", array: Float32Array },
  f16: { name: "F16", array: Uint16Array },
  i32: { name: "I32", array: Int32Array },
  u16: { name: "U16", array: Uint16Array },
  i8: { name: "I8", array: Int8Array },
  u8: { name: "U8", array: Uint8Array },
} as const;
const dtypeOf: ReadonlyMap<StoredDType, DType> = new Map(
  (Object.keys(formats) as DType[]).map((dtype) => [formats[dtype].name, dtype]),
);

/** The name of a dtype in a file. */
export const storedName = (dtype: DType): StoredDType => formats[dtype].name;

export type SafetensorsFile = {
  readonly arrays: Arrays;
  readonly metadata: Readonly<Record<string, string>>;
};

/** The same arrays and metadata always give the same bytes. */
export function encodeSafetensors(
  arrays: Arrays,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const named = Object.keys(arrays)
    .sort()
    .map((name) => [name, arrays[name]] as const);
  const header = encodeHeader(
    named.map(([name, { dtype, shape }]) => [name, { dtype: storedName(dtype), shape }]),
    metadata,
  );
  const size = named.reduce((sum, [, { data }]) => sum + data.byteLength, header.length);
  const file = new Uint8Array(size);
  file.set(header);
  let at = header.length;
  for (const [, { data }] of named) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

export type Declared = {
  readonly arrays: Readonly<Record<string, Pick<TensorData, "dtype" | "shape">>>;
  readonly metadata: SafetensorsFile["metadata"];
  /** Of the whole file. */
  readonly bytes: number;
};

/** What the start of a file declares. */
export async function declaredSafetensors(
  startOf: (length: number) => Promise<Uint8Array>,
  own: HeaderLimits,
): Promise<Declared> {
  const limits = { ...wireLimits, ...own };
  const end = 8 + headerLength(await startOf(8), 2 ** 40, limits);
  const start = await startOf(end);
  if (start.length < end) throw badFile(`it ends within its header of ${end - 8} bytes`);
  const { tensors, metadata } = parseHeader(start.subarray(8), undefined, limits);
  const declared = Array.from(tensors, ([name, { dtype, shape }]) => [
    name,
    { dtype: wireDType(name, dtype), shape },
  ]);
  const bytes = Math.max(0, ...Array.from(tensors.values(), (place) => place.end));
  return { arrays: Object.fromEntries(declared), metadata, bytes: end + bytes };
}

const wireLimits = { maxHeaderBytes: 32 * 2 ** 20, maxTensors: 100_000, strict: true };

/** Throws `bad-data` on anything odd; never allocates more than a copy of the file. */
export function decodeSafetensors(bytes: Uint8Array, own: HeaderLimits = {}): SafetensorsFile {
  const limits = { ...wireLimits, ...own };
  const start = 8 + headerLength(bytes, bytes.length, limits);
  const text = bytes.subarray(8, start);
  const { tensors, metadata } = parseHeader(text, bytes.length - start, limits);
  return {
    arrays: Object.fromEntries(
      Array.from(tensors, ([name, { dtype: stored, shape, begin, end }]) => {
        const dtype = wireDType(name, stored);
        // A Buffer may start at any byte of its memory, and its own slice does not copy.
        const copy = new Uint8Array(bytes.subarray(start + begin, start + end));
        const data = new formats[dtype].array(copy.buffer);
        return [name, { dtype, shape, data } as TensorData];
      }),
    ),
    metadata,
  };
}

function wireDType(name: string, stored: StoredDType): DType {
  const dtype = dtypeOf.get(stored);
  if (!dtype) throw badFile(`"${name}" is ${stored}, which does not cross a wire`);
  return dtype;
}
