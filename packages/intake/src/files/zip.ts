import { messageOf, TandemError } from "@tandem/core/errors";
import { plural } from "@tandem/core/format";
import type { LeftOut } from "../intake";
import { limits } from "../limits";
import type { SlicedFile, SourceFile } from "./source-file";
import { entryChunks, type ZipEntry } from "./zip-entry";
import { decodeName } from "./zip-names";

type Contents = { readonly files: readonly SourceFile[]; readonly leftOut: readonly LeftOut[] };

const signatures = { end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50, entry: 0x02014b50 };

export const isZip = (start: Uint8Array): boolean =>
  start[0] === 0x50 && start[1] === 0x4b && (start[2] === 3 || start[2] === 5);

/**
 * The files of a zip, each read from where it lies when its turn comes: of a zip of any size only the
 * table of contents is in memory.
 */
export async function openZip(zip: SlicedFile): Promise<Contents> {
  let entries: readonly ZipEntry[];
  try {
    entries = await directoryOf(zip);
  } catch (error) {
    const sentence = `It cannot be read as a zip: ${messageOf(error)}.`;
    return { files: [], leftOut: [{ path: zip.path, code: "corrupt", sentence }] };
  }
  if (entries.length === 0)
    return {
      files: [],
      leftOut: [{ path: zip.path, code: "empty", sentence: "It is a zip without files." }],
    };
  const office = officeKind(entries);
  if (office) return { files: [], leftOut: [{ path: zip.path, code: "kind", sentence: office }] };
  const files: SourceFile[] = [];
  const leftOut: LeftOut[] = [];
  const shared = overlapping(entries);
  for (const entry of entries) {
    if (/[\\/]$/.test(entry.name)) continue;
    const refusal = refusalOf(entry, shared.has(entry));
    if (refusal) leftOut.push({ path: entry.name, ...refusal });
    else
      files.push({
        path: entry.name,
        size: entry.size,
        chunks: () => entryChunks(zip, entry),
      });
  }
  return { files, leftOut };
}

function refusalOf(entry: ZipEntry, shared: boolean): Omit<LeftOut, "path"> | undefined {
  if (entry.encrypted)
    return {
      code: "encrypted",
      sentence: "It is encrypted: unpack the zip with its password, and bring the folder.",
    };
  if (shared)
    return {
      code: "corrupt",
      sentence: "It shares its bytes with another entry of the zip: pack the files again.",
    };
  if (entry.method !== 0 && entry.method !== 8)
    return {
      code: "corrupt",
      sentence: `It is packed by method ${entry.method}, and only plain zips are read: pack it again.`,
    };
  return undefined;
}

/** Entries that begin before another one ends: how a small zip becomes endless data. */
function overlapping(entries: readonly ZipEntry[]): ReadonlySet<ZipEntry> {
  const shared = new Set<ZipEntry>();
  let last: ZipEntry | undefined;
  for (const entry of entries.toSorted((a, b) => a.offset - b.offset)) {
    if (last && entry.offset < last.offset + 30 + last.packed) shared.add(entry);
    else last = entry;
  }
  return shared;
}

function officeKind(entries: readonly ZipEntry[]): string | undefined {
  const has = (name: string) => entries.some((entry) => entry.name === name);
  if (has("xl/workbook.xml"))
    return "It is an Excel workbook: save the sheet as CSV UTF-8, and bring that.";
  if (has("[Content_Types].xml") || has("mimetype"))
    return "It is an office document: export its pictures or its table, and bring those.";
  return undefined;
}

async function directoryOf(zip: SlicedFile): Promise<readonly ZipEntry[]> {
  const { count, offset, length } = await endOf(zip);
  if (length > limits.directoryBytes || offset + length > zip.size)
    throw new Error("its table of contents does not fit: pack the files again");
  const bytes = await zip.slice(offset, offset + length);
  const view = viewOf(bytes);
  const entries: ZipEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (entries.length === limits.files)
      throw new Error(`it has more than ${limits.files} entries: split it`);
    if (at + 46 > bytes.length || view.getUint32(at, true) !== signatures.entry)
      throw new Error(`its table of contents breaks off after ${plural(entries.length, "file")}`);
    const [name, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const end = at + 46 + name + extra + comment;
    if (end > bytes.length) throw new Error("its table of contents is cut off");
    entries.push(entryAt(bytes, view, at, name, extra));
    at = end;
  }
  // Some programs count no further than 16 bits.
  if ((entries.length - count) % 2 ** 16 !== 0)
    throw new Error(`it has ${entries.length} of ${plural(count, "file")}: pack them again`);
  return entries;
}

function entryAt(bytes: Uint8Array, view: DataView, at: number, name: number, extra: number) {
  const flags = view.getUint16(at + 8, true);
  const extraAt = at + 46 + name;
  // Sizes of 4 GiB and more lie in the extra field, in this order, only those that do not fit.
  const large = zip64Field(bytes.subarray(extraAt, extraAt + extra));
  let used = 0;
  const wide = (field: number) => {
    const value = view.getUint32(at + field, true);
    if (value !== 0xffffffff) return value;
    const found = large[used++];
    if (found === undefined) throw new Error("an entry of 4 GiB or more without its size");
    return found;
  };
  const size = wide(24);
  const packed = wide(20);
  const offset = wide(42);
  return {
    name: decodeName(bytes.subarray(at + 46, extraAt), (flags & 0x800) !== 0),
    encrypted: (flags & 0x41) !== 0,
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packed,
    size,
    offset,
  };
}

function zip64Field(extra: Uint8Array): readonly number[] {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      const count = Math.floor(Math.min(length, extra.length - at - 4) / 8);
      return Array.from({ length: count }, (_, i) => wideAt(view, at + 4 + 8 * i));
    }
    at += 4 + length;
  }
  return [];
}

async function endOf(zip: SlicedFile) {
  const longestComment = 0xffff;
  const from = Math.max(0, zip.size - 22 - longestComment);
  const tail = await zip.slice(from, zip.size);
  const view = viewOf(tail);
  let at = tail.length - 22;
  while (at >= 0 && view.getUint32(at, true) !== signatures.end) at--;
  if (at < 0) throw new Error("its end is missing: copy or download it again");
  const plain = {
    count: view.getUint16(at + 10, true),
    length: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  };
  const isLarge = Object.values(plain).some((value) => value === 0xffff || value === 0xffffffff);
  const locator = at - 20;
  if (!isLarge || locator < 0 || view.getUint32(locator, true) !== signatures.locator64)
    return plain;
  const position = wideAt(view, locator + 8);
  const bytes = position + 56 <= zip.size ? await zip.slice(position, position + 56) : tail;
  const wide = viewOf(bytes);
  if (wide.getUint32(0, true) !== signatures.end64) throw new Error("its end is damaged");
  return { count: wideAt(wide, 32), length: wideAt(wide, 40), offset: wideAt(wide, 48) };
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

function wideAt(view: DataView, at: number): number {
  const value = Number(view.getBigUint64(at, true));
  if (!Number.isSafeInteger(value)) throw new TandemError("corrupt", `a size of ${value} bytes`);
  return value;
}
