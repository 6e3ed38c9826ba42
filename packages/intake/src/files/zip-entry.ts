import { TandemError } from "@tandem/core/errors";
import { Inflate } from "fflate";
import { chunksOf, type SlicedFile } from "./source-file";

/** An entry as the zip's table of contents has it. */
export type ZipEntry = {
  readonly name: string;
  readonly encrypted: boolean;
  /** 0: stored; 8: deflated. */
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  /** Of its local header, in the zip. */
  readonly offset: number;
};

/** Packed bytes at a time: 32 kB hold 33 MB at most. */
const packedChunk = 2 ** 15;
const localHeader = 0x04034b50;

/**
 * Unpacks an entry piece by piece. Throws `corrupt` as soon as it holds more than the zip says, and at
 * its end for fewer bytes or another checksum.
 */
export async function* entryChunks(zip: SlicedFile, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const from = await dataOffset(zip, entry);
  const to = from + entry.packed;
  if (to > zip.size) throw corrupt("it lies behind the zip's end");
  let size = 0;
  let crc = ~0;
  const plain = entry.method === 0 ? chunksOf(zip.slice, from, to) : inflated(zip, from, to);
  for await (const chunk of plain) {
    size += chunk.length;
    if (size > entry.size) throw corrupt(`it has more than the ${entry.size} bytes it promises`);
    crc = crc32(crc, chunk);
    yield chunk;
  }
  if (size < entry.size) throw corrupt(`it has ${size} of ${entry.size} bytes`);
  if (~crc >>> 0 !== entry.crc) throw corrupt("its checksum does not match");
}

const corrupt = (what: string) =>
  new TandemError("corrupt", `${what}: pack or download the zip again`);

async function dataOffset(zip: SlicedFile, { offset }: ZipEntry): Promise<number> {
  const bytes = offset + 30 <= zip.size ? await zip.slice(offset, offset + 30) : undefined;
  const view = bytes && new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view?.getUint32(0, true) !== localHeader) throw corrupt("it is not where the zip says");
  return offset + 30 + view.getUint16(26, true) + view.getUint16(28, true);
}

async function* inflated(zip: SlicedFile, from: number, to: number): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const inflate = new Inflate((chunk) => ready.push(chunk));
  for await (const chunk of chunksOf(zip.slice, from, to, packedChunk)) {
    from += chunk.length;
    try {
      inflate.push(chunk, from === to);
    } catch (error) {
      throw new TandemError("corrupt", "it cannot be unpacked: pack or download the zip again", {
        cause: error,
      });
    }
    for (const piece of ready.splice(0)) if (piece.length > 0) yield piece;
  }
}

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  return value;
});

function crc32(crc: number, bytes: Uint8Array): number {
  let value = crc;
  for (let i = 0; i < bytes.length; i++) value = (value >>> 8) ^ table[(value ^ bytes[i]) & 255];
  return value;
}
