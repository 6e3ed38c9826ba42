import { TandemError } from "@tandem/core/errors";
import { concatenated } from "@tandem/core/tensor";
import { Unzlib, zlibSync } from "fflate";

// No safetensors file begins so: its header would have 2^62 bytes and more.
const magic = Uint8Array.of(0x54, 0x44, 0x4d, 0x5a, 0x4c, 0x49, 0x42, 0x7f);
/** What is larger is mostly weights, which hardly get smaller, and would hold up the others. */
const maxDeflated = 2 ** 20;
const step = 2 ** 14;

/** The same bytes, behind a mark, as zlib data (RFC 1950) where that is shorter. */
export function deflated(bytes: Uint8Array): Uint8Array {
  if (bytes.length > maxDeflated) return bytes;
  const data = zlibSync(bytes, { level: 9 });
  if (magic.length + data.length >= bytes.length) return bytes;
  const all = new Uint8Array(magic.length + data.length);
  all.set(magic);
  all.set(data, magic.length);
  return all;
}

const isDeflated = (bytes: Uint8Array) => magic.every((byte, i) => bytes[i] === byte);

/** Undoes `deflated`; throws `bad-data` before it would make more than `max` bytes. */
export function inflated(bytes: Uint8Array, max = maxDeflated): Uint8Array {
  if (!isDeflated(bytes)) return bytes;
  const data = bytes.subarray(magic.length);
  const most = Math.min(max, maxDeflated);
  const chunks: Uint8Array[] = [];
  if (inflatedSize(data, most, (chunk) => chunks.push(chunk)) === undefined)
    throw new TandemError("bad-data", `not zlib data of at most ${most} bytes`);
  return concatenated(Uint8Array, chunks);
}

/** The first bytes of what `inflated` gives, fewer if there are no more or the data are broken. */
export function inflatedStart(bytes: Uint8Array, length: number): Uint8Array {
  if (!isDeflated(bytes)) return bytes.subarray(0, length);
  const start = new Uint8Array(length);
  let size = 0;
  const inflator = new Unzlib((chunk) => {
    start.set(chunk.subarray(0, length - size), size);
    size += Math.min(chunk.length, length - size);
  });
  try {
    // In small steps: each can inflate a thousandfold.
    for (let at = magic.length; at < bytes.length && size < length; at += 512)
      inflator.push(bytes.subarray(at, at + 512));
  } catch {
    // What has come so far is all that can be read.
  }
  return start.subarray(0, size);
}

/** How many bytes zlib data inflate to, without keeping them; nothing if broken or above `max`. */
export function inflatedSize(
  data: Uint8Array,
  max: number,
  take: (chunk: Uint8Array) => void = () => {},
): number | undefined {
  let size = 0;
  let isWhole = false;
  const inflator = new Unzlib((chunk, final) => {
    size += chunk.length;
    isWhole = final;
    if (size > max) throw new Error("too much data");
    take(chunk);
  });
  try {
    // 16 KiB inflate to at most 16 MiB, so the end of a bomb is never reached.
    for (let at = 0; at < data.length; at += step) {
      const end = Math.min(data.length, at + step);
      inflator.push(data.subarray(at, end), end === data.length);
    }
  } catch {
    return undefined;
  }
  return isWhole ? size : undefined;
}
