import { TandemError } from "@tandem/core/errors";
import { type Arrays, type DType, sizeOf, type TensorData } from "@tandem/core/tensor";

/** The safetensors file format: an 8-byte length, a JSON header, then the arrays, little-endian. */
const formats = {
  f64: { name: "F64", bytes: 8, array: Float64Array },
  f32: { name: "F32", bytes: 4, array: Float32Array },
  f16: { name: "F16", bytes: 2, array: Uint16Array },
  i32: { name: "I32", bytes: 4, array: Int32Array },
  u16: { name: "U16", bytes: 2, array: Uint16Array },
  i8: { name: "I8", bytes: 1, array: Int8Array },
  u8: { name: "U8", bytes: 1, array: Uint8Array },
} as const;
const dtypeOf = new Map<unknown, DType>(
  (Object.keys(formats) as DType[]).map((dtype) => [formats[dtype].name, dtype]),
);

export type SafetensorsFile = {
  readonly arrays: Arrays;
  readonly metadata: Readonly<Record<string, string>>;
};

const reserved = ["__metadata__", "__proto__"];

/** The same arrays and metadata always give the same bytes. */
export function encodeSafetensors(
  arrays: Arrays,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const names = Object.keys(arrays).sort();
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) {
    header.__metadata__ = Object.fromEntries(
      Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
  let offset = 0;
  for (const name of names) {
    if (reserved.includes(name)) throw new Error(`a tensor may not be called "${name}"`);
    const { dtype, shape } = arrays[name];
    const end = offset + sizeOf(shape) * formats[dtype].bytes;
    header[name] = { dtype: formats[dtype].name, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + headerLength + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.fill(0x20, 8, 8 + headerLength);
  file.set(text, 8);
  let at = 8 + headerLength;
  for (const name of names) {
    const { data } = arrays[name];
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

const bad = (what: string) => new TandemError("bad-data", `not a valid safetensors file: ${what}`);

/** Throws `bad-data` on anything odd; never allocates more than a copy of the file. */
export function decodeSafetensors(
  bytes: Uint8Array,
  limits: { readonly maxTensors?: number; readonly maxHeaderBytes?: number } = {},
): SafetensorsFile {
  const { maxTensors = 100_000, maxHeaderBytes = 32 * 2 ** 20 } = limits;
  if (bytes.length < 8) throw bad(`${bytes.length} bytes are too few`);
  const declared = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (declared > BigInt(Math.min(bytes.length - 8, maxHeaderBytes)))
    throw bad(`header of ${declared} bytes in a file of ${bytes.length}`);
  const start = 8 + Number(declared);
  const header = parseHeader(bytes.subarray(8, start));
  const metadata = parseMetadata(header.get("__metadata__"));
  header.delete("__metadata__");
  if (header.size > maxTensors) throw bad(`${header.size} tensors, at most ${maxTensors}`);

  const entries = [...header].map(([name, entry]) => parseEntry(name, entry));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let expected = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== expected) throw bad(`"${name}" begins at ${begin}, not at ${expected}`);
    expected = end;
  }
  if (expected !== bytes.length - start)
    throw bad(`${expected} bytes declared, ${bytes.length - start} present`);
  return {
    arrays: Object.fromEntries(
      entries.map(({ name, dtype, shape, begin, end }) => {
        // A Buffer may start at any byte of its memory, and its own slice does not copy.
        const copy = new Uint8Array(bytes.subarray(start + begin, start + end));
        const data = new formats[dtype].array(copy.buffer);
        return [name, { dtype, shape, data } as TensorData];
      }),
    ),
    metadata,
  };
}

function parseHeader(bytes: Uint8Array): Map<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new TandemError("bad-data", "not a valid safetensors file: header is not JSON", {
      cause,
    });
  }
  if (typeof header !== "object" || header === null || Array.isArray(header))
    throw bad("header is not an object");
  return new Map(Object.entries(header));
}

function parseMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw bad("metadata is not an object");
  const entries = Object.entries(value);
  if (!entries.every(([key, text]) => typeof text === "string" && key !== "__proto__"))
    throw bad("metadata holds something else than text");
  return Object.fromEntries(entries);
}

const natural = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

function parseEntry(name: string, entry: unknown) {
  if (name === "__proto__") throw bad(`a tensor may not be called "${name}"`);
  if (typeof entry !== "object" || entry === null) throw bad(`"${name}" is not an object`);
  const { dtype: text, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  const dtype = dtypeOf.get(text);
  if (!dtype) throw bad(`"${name}" has no known dtype`);
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every(natural))
    throw bad(`"${name}" has no valid shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(natural))
    throw bad(`"${name}" has no valid offsets`);
  const [begin, end] = offsets as [number, number];
  if (end - begin !== sizeOf(shape) * formats[dtype].bytes)
    throw bad(`"${name}" has ${end - begin} bytes for shape [${shape}] of ${dtype}`);
  return { name, dtype, shape: shape as readonly number[], begin, end };
}
