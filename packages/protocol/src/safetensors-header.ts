import { TandemError } from "@tandem/core/errors";
import { sizeOf } from "@tandem/core/tensor";

/** Every dtype that a safetensors file may hold here, with its bytes, in the order of the format. */
export const storedBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;
export type StoredDType = keyof typeof storedBytes;

export type TensorSpec = { readonly dtype: StoredDType; readonly shape: readonly number[] };
/** Where a tensor lies, in bytes after the header. */
export type TensorPlace = TensorSpec & { readonly begin: number; readonly end: number };
export type SafetensorsHeader = {
  /** By position in the file. */
  readonly tensors: ReadonlyMap<string, TensorPlace>;
  readonly metadata: Readonly<Record<string, string>>;
};
export type HeaderLimits = { readonly maxTensors?: number; readonly maxHeaderBytes?: number };

export const badFile = (what: string) =>
  new TandemError("bad-data", `not a valid safetensors file: ${what}`);

export const byteLength = ({ dtype, shape }: TensorSpec): number =>
  sizeOf(shape) * storedBytes[dtype];

/** The length of the JSON header, from the first 8 bytes of a file of `fileBytes`. */
export function headerLength(
  first: Uint8Array,
  fileBytes: number,
  { maxHeaderBytes = 32 * 2 ** 20 }: HeaderLimits = {},
): number {
  if (fileBytes < 8 || first.length < 8) throw badFile(`${fileBytes} bytes are too few`);
  const declared = new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true);
  if (declared > BigInt(Math.min(fileBytes - 8, maxHeaderBytes)))
    throw badFile(`header of ${declared} bytes in a file of ${fileBytes}`);
  return Number(declared);
}

/**
 * Reads the JSON header of a file with `dataBytes` after it. A parser of its own, because
 * JSON.parse keeps the last of two equal names and builds whatever is nested before anyone can
 * refuse it; this one builds nothing but tensors and metadata.
 */
export function parseHeader(
  bytes: Uint8Array,
  dataBytes: number,
  { maxTensors = 100_000 }: HeaderLimits = {},
): SafetensorsHeader {
  const cursor = createCursor(decodeText(bytes));
  const places = new Map<string, TensorPlace>();
  let metadata: Record<string, string> | undefined;
  cursor.object((name) => {
    if (name === "__metadata__") {
      if (metadata) throw badFile("metadata stands twice");
      metadata = readMetadata(cursor);
      return;
    }
    if (name === "__proto__") throw badFile(`a tensor may not be called "${name}"`);
    if (places.has(name)) throw badFile(`"${name}" stands twice`);
    if (places.size === maxTensors) throw badFile(`more than ${maxTensors} tensors`);
    places.set(name, readPlace(cursor, name));
  });
  cursor.end();

  const ordered = [...places].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let expected = 0;
  for (const [name, { begin, end }] of ordered) {
    if (begin !== expected) throw badFile(`"${name}" begins at ${begin}, not at ${expected}`);
    expected = end;
  }
  if (expected !== dataBytes) throw badFile(`${expected} bytes declared, ${dataBytes} present`);
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

function readMetadata(cursor: Cursor): Record<string, string> {
  const entries = new Map<string, string>();
  cursor.object((key) => {
    if (key === "__proto__" || entries.has(key)) throw badFile(`metadata key "${key}"`);
    entries.set(key, cursor.string());
  });
  return Object.fromEntries(entries);
}

function readPlace(cursor: Cursor, name: string): TensorPlace {
  let dtype: StoredDType | undefined;
  let shape: readonly number[] | undefined;
  let offsets: readonly number[] | undefined;
  cursor.object((key) => {
    if (key === "dtype" && !dtype) {
      const text = cursor.string();
      if (!Object.hasOwn(storedBytes, text)) throw badFile(`"${name}" has no known dtype: ${text}`);
      dtype = text as StoredDType; // the line above has looked it up
    } else if (key === "shape" && !shape) shape = cursor.naturals(8);
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

type Cursor = ReturnType<typeof createCursor>;

/** Walks over the few forms of JSON that a header has. */
function createCursor(text: string) {
  let at = 0;
  const odd = () =>
    badFile(`header: unexpected ${JSON.stringify(text.slice(at, at + 8))} at ${at}`);
  const space = () => {
    while (" \n\r\t".includes(text[at] ?? "x")) at++;
  };
  const take = (character: string): boolean => {
    space();
    if (text[at] !== character) return false;
    at++;
    return true;
  };
  const need = (character: string) => {
    if (!take(character)) throw odd();
  };

  function string(): string {
    need('"');
    const from = at;
    let escaped = false;
    for (; text[at] !== '"'; at++) {
      if (at >= text.length || text.charCodeAt(at) < 0x20) throw odd();
      if (text[at] === "\\") {
        escaped = true;
        at++;
      }
    }
    const raw = text.slice(from, at++);
    if (!escaped) return raw;
    try {
      return JSON.parse(`"${raw}"`) as string; // text between quotes is text or nothing
    } catch {
      throw badFile(`header: bad escape in ${JSON.stringify(raw.slice(0, 40))}`);
    }
  }

  function object(member: (key: string) => void): void {
    need("{");
    if (take("}")) return;
    do {
      const key = string();
      need(":");
      member(key);
    } while (take(","));
    need("}");
  }

  function naturals(most: number): readonly number[] {
    const values: number[] = [];
    need("[");
    if (take("]")) return values;
    do {
      space();
      const from = at;
      while (text[at] >= "0" && text[at] <= "9") at++;
      const digits = text.slice(from, Math.min(at, from + 17));
      const value = /^(0|[1-9]\d{0,15})$/.test(digits) ? Number(digits) : Number.NaN;
      if (!Number.isSafeInteger(value) || values.length === most) throw odd();
      values.push(value);
    } while (take(","));
    need("]");
    return values;
  }

  const end = () => {
    space();
    if (at < text.length) throw odd();
  };
  return { string, object, naturals, end };
}
