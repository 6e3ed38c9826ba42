import { TandemError } from "@tandem/core/errors";
import { sizeOf } from "@tandem/core/tensor";
import { type Cursor, createCursor } from "./safetensors-cursor";

/** Every dtype of the format (safetensors 0.8), with its bits, in the order of the format. */
export const storedBits = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;
export type StoredDType = keyof typeof storedBits;

export type TensorSpec = { readonly dtype: StoredDType; readonly shape: readonly number[] };
/** Where a tensor lies, in bytes after the header. */
export type TensorPlace = TensorSpec & { readonly begin: number; readonly end: number };
export type SafetensorsHeader = {
  /** By position in the file. */
  readonly tensors: ReadonlyMap<string, TensorPlace>;
  readonly metadata: Readonly<Record<string, string>>;
};
export type HeaderLimits = {
  readonly maxTensors?: number;
  readonly maxHeaderBytes?: number;
  /** Only what `encodeHeader` writes: no key twice, three fields, at most 8 dimensions. For a wire. */
  readonly strict?: boolean;
};

export const badFile = (what: string) =>
  new TandemError("bad-data", `not a valid safetensors file: ${what}`);

export const byteLength = ({ dtype, shape }: TensorSpec): number =>
  (sizeOf(shape) * storedBits[dtype]) / 8;

/** What else people's `.safetensors` turn out to be, by the 8 bytes that they begin with. */
const impostors: readonly (readonly [RegExp, string])[] = [
  [/^version $/, "it is a Git LFS pointer: fetch the file itself with `git lfs pull`"],
  [
    /^\s*<[!?a-z]/i,
    "it is a web page: download the file again, logged in and with its licence accepted",
  ],
  [/^\{"/, "it is JSON, such as the error of a server: read it, and download the file again"],
  [/^PK/, "it is a zip or a PyTorch checkpoint: save the weights as safetensors"],
];

/** As the safetensors library has it. */
const referenceHeaderBytes = 100_000_000;

/** The length of the JSON header, from the first 8 bytes of a file of `fileBytes`. */
export function headerLength(
  first: Uint8Array,
  fileBytes: number,
  { maxHeaderBytes = referenceHeaderBytes }: HeaderLimits = {},
): number {
  if (fileBytes < 8 || first.length < 8) throw badFile(`${fileBytes} bytes are too few`);
  const declared = new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true);
  if (declared > BigInt(Math.min(fileBytes - 8, maxHeaderBytes))) {
    const start = String.fromCharCode(...first.subarray(0, 8));
    const impostor = impostors.find(([pattern]) => pattern.test(start))?.[1];
    const limit = declared > BigInt(maxHeaderBytes) ? `, at most ${maxHeaderBytes}` : "";
    throw badFile(impostor ?? `header of ${declared} bytes in a file of ${fileBytes}${limit}`);
  }
  return Number(declared);
}

/**
 * Reads the JSON header of a file with `dataBytes` after it, if that is known. A parser of its own, because
 * JSON.parse keeps the last of two equal names and builds whatever is nested before anyone can
 * refuse it; this one builds nothing but tensors and metadata.
 */
export function parseHeader(
  bytes: Uint8Array,
  dataBytes: number | undefined,
  { maxTensors = Number.POSITIVE_INFINITY, strict = false }: HeaderLimits = {},
): SafetensorsHeader {
  const cursor = createCursor(decodeText(bytes), badFile);
  const places = new Map<string, TensorPlace>();
  let metadata: Record<string, string> | undefined;
  cursor.object((name) => {
    if (name === "__metadata__") {
      if (metadata) throw badFile("metadata stands twice");
      metadata = !strict && cursor.word("null") ? {} : readMetadata(cursor, strict);
      return;
    }
    if (strict && name === "__proto__") throw badFile(`a tensor may not be called "${name}"`);
    if (places.has(name)) throw badFile(`"${name}" stands twice`);
    if (places.size === maxTensors) throw badFile(`more than ${maxTensors} tensors`);
    places.set(name, readPlace(cursor, name, strict));
  });
  cursor.end();

  const ordered = [...places].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let expected = 0;
  for (const [name, { begin, end }] of ordered) {
    if (begin !== expected) throw badFile(`"${name}" begins at ${begin}, not at ${expected}`);
    expected = end;
  }
  if (dataBytes !== undefined && expected !== dataBytes)
    throw badFile(`${expected} bytes declared, ${dataBytes} present`);
  return { tensors: new Map(ordered), metadata: metadata ?? {} };
}

/** The length and JSON header of a file that holds these tensors in this order. */
export function encodeHeader(
  tensors: Iterable<readonly [name: string, spec: TensorSpec]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0)
    header.__metadata__ = Object.fromEntries(
      Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  // an object would put names that are whole numbers first
  const parts = Object.entries(header).map(entryText);
  let offset = 0;
  for (const [name, { dtype, shape }] of tensors) {
    if (["__metadata__", "__proto__"].includes(name))
      throw new Error(`a tensor may not be called "${name}"`);
    const end = offset + byteLength({ dtype, shape });
    parts.push(entryText([name, { dtype, shape, data_offsets: [offset, end] }]));
    offset = end;
  }
  const text = new TextEncoder().encode(`{${parts.join(",")}}`);
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20, 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  return bytes;
}

/** NumPy's and PyTorch's own bound; the format has none. */
const maxDimensions = 64;

const entryText = ([name, value]: readonly [string, unknown]) =>
  `${JSON.stringify(name)}:${JSON.stringify(value)}`;

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new TandemError("bad-data", "not a valid safetensors file: header is not UTF-8", {
      cause,
    });
  }
}

/** The last of two equal keys stands, as in the safetensors library. */
function readMetadata(cursor: Cursor, strict: boolean): Record<string, string> {
  const entries = new Map<string, string>();
  cursor.object((key) => {
    if (strict && (key === "__proto__" || entries.has(key))) throw badFile(`metadata key "${key}"`);
    entries.set(key, cursor.string());
  });
  return Object.fromEntries(entries);
}

function readPlace(cursor: Cursor, name: string, strict: boolean): TensorPlace {
  let dtype: StoredDType | undefined;
  let shape: readonly number[] | undefined;
  let offsets: readonly number[] | undefined;
  cursor.object((key) => {
    if (!["dtype", "shape", "data_offsets"].includes(key) && !strict) cursor.skip();
    else if (key === "dtype" && !dtype) {
      const text = cursor.string();
      if (!Object.hasOwn(storedBits, text)) throw badFile(`"${name}" has no known dtype: ${text}`);
      dtype = text as StoredDType; // the line above has looked it up
    } else if (key === "shape" && !shape) shape = cursor.naturals(strict ? 8 : maxDimensions);
    else if (key === "data_offsets" && !offsets) offsets = cursor.naturals(2);
    else throw badFile(`"${name}" has an unknown or repeated field "${key}"`);
  });
  if (!dtype || !shape || offsets?.length !== 2)
    throw badFile(`"${name}" lacks dtype, shape or two data_offsets`);
  const [begin, end] = offsets;
  if (end - begin !== byteLength({ dtype, shape }))
    throw badFile(`"${name}" has ${end - begin} bytes for shape [${shape}] of ${dtype}`);
  return { dtype, shape, begin, end };
}
