import { crc32 } from "node:zlib";

export type ZipFile = { readonly path: string; readonly bytes: Uint8Array };

const [localSignature, entrySignature, endSignature] = [0x04034b50, 0x02014b50, 0x06054b50];
const [end64Signature, locatorSignature] = [0x06064b50, 0x07064b50];
const [utf8, version, version64] = [0x0800, 20, 45];
/** 1980-01-01, the first that zip can tell: the same files always give the same bytes. */
const firstDay = 0x21;
const [wide, wideCount] = [0xffffffff, 0xffff];

/**
 * Files as a zip (APPNOTE 6.3.9), one in memory at a time: stored, for what is large in it hardly shrinks.
 * Beyond 4 GiB or 65,535 files it is a zip64. A file has less than 4 GiB.
 */
export async function* zipOf(files: AsyncIterable<ZipFile>): AsyncGenerator<Uint8Array> {
  const directory: Uint8Array[] = [];
  let at = 0;
  for await (const { path, bytes } of files) {
    const entry = { name: new TextEncoder().encode(path), crc: crc32(bytes), size: bytes.length };
    const header = localHeader(entry);
    yield header;
    yield bytes;
    directory.push(directoryEntry(entry, at));
    at += header.length + bytes.length;
  }
  for (const entry of directory) yield entry;
  const length = directory.reduce((sum, entry) => sum + entry.length, 0);
  yield endOf({ count: directory.length, length, at });
}

type Entry = { readonly name: Uint8Array; readonly crc: number; readonly size: number };

function localHeader({ name, crc, size }: Entry): Uint8Array {
  const { bytes, view } = blank(30 + name.length);
  view.setUint32(0, localSignature, true);
  setCommon(view, 4, { name, crc, size }, version);
  bytes.set(name, 30);
  return bytes;
}

function directoryEntry(entry: Entry, at: number): Uint8Array {
  const isFar = at >= wide;
  const { name } = entry;
  const { bytes, view } = blank(46 + name.length + (isFar ? 12 : 0));
  view.setUint32(0, entrySignature, true);
  view.setUint16(4, isFar ? version64 : version, true);
  setCommon(view, 6, entry, isFar ? version64 : version);
  view.setUint16(30, isFar ? 12 : 0, true);
  view.setUint32(42, isFar ? wide : at, true);
  bytes.set(name, 46);
  if (isFar) {
    view.setUint16(46 + name.length, 1, true);
    view.setUint16(48 + name.length, 8, true);
    view.setBigUint64(50 + name.length, BigInt(at), true);
  }
  return bytes;
}

/** What both headers of a file say, from the version that is needed to the length of its name. */
function setCommon(view: DataView, from: number, { name, crc, size }: Entry, needed: number): void {
  view.setUint16(from, needed, true);
  view.setUint16(from + 2, utf8, true);
  view.setUint16(from + 8, firstDay, true);
  view.setUint32(from + 10, crc, true);
  view.setUint32(from + 14, size, true);
  view.setUint32(from + 18, size, true);
  view.setUint16(from + 22, name.length, true);
}

function endOf({ count, length, at }: Record<"count" | "length" | "at", number>): Uint8Array {
  const isLarge = count >= wideCount || at >= wide;
  const { bytes, view } = blank(22 + (isLarge ? 76 : 0));
  const last = isLarge ? 76 : 0;
  if (isLarge) {
    view.setUint32(0, end64Signature, true);
    view.setBigUint64(4, 44n, true);
    view.setUint16(12, version64, true);
    view.setUint16(14, version64, true);
    for (const [field, value] of [count, count, length, at].entries())
      view.setBigUint64(24 + 8 * field, BigInt(value), true);
    view.setUint32(56, locatorSignature, true);
    view.setBigUint64(64, BigInt(at + length), true);
    view.setUint32(72, 1, true);
  }
  view.setUint32(last, endSignature, true);
  view.setUint16(last + 8, Math.min(count, wideCount), true);
  view.setUint16(last + 10, Math.min(count, wideCount), true);
  view.setUint32(last + 12, length, true);
  view.setUint32(last + 16, Math.min(at, wide), true);
  return bytes;
}

function blank(length: number) {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer) };
}
