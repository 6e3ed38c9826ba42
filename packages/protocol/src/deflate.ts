import { TandemError } from "@tandem/core/errors";
import { concatenated } from "@tandem/core/tensor";

// No safetensors file begins so: its header would have 2^62 bytes and more.
const magic = Uint8Array.of(0x54, 0x44, 0x4d, 0x5a, 0x4c, 0x49, 0x42, 0x7f);
/** What is larger is mostly weights, which hardly get smaller, and would hold up the others. */
const maxDeflated = 2 ** 20;
/** What is smaller takes longer to deflate than it saves. */
const minDeflated = 512;

/** The same bytes, behind a mark, as zlib data (RFC 1950) where that is shorter. Nobody waits meanwhile. */
export async function deflated(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes.length < minDeflated || bytes.length > maxDeflated) return bytes;
  const reader = through(new CompressionStream("deflate"), bytes);
  const parts: Uint8Array[] = [magic];
  for (let part = await reader.read(); !part.done; part = await reader.read())
    parts.push(part.value);
  const all = concatenated(Uint8Array, parts);
  return all.length < bytes.length ? all : bytes;
}

export type Inflating = {
  /** The first bytes, fewer if there are no more; fewer or `bad-data` if they are broken. */
  start(length: number): Promise<Uint8Array>;
  /** All of them; throws `bad-data` where they are broken or more than 1 MiB. */
  whole(): Promise<Uint8Array>;
  /** To be called when no more is wanted. */
  close(): void;
};

/** Undoes `deflated`, no further than is asked for: at once where that is possible, or as a stream. */
export function inflating(bytes: Uint8Array, zlib = nodeZlib): Inflating {
  if (!magic.every((byte, i) => bytes[i] === byte))
    return {
      start: async (length) => bytes.subarray(0, length),
      whole: async () => bytes,
      close() {},
    };
  const data = bytes.subarray(magic.length);
  return zlib ? inflatingAtOnce(data, zlib) : inflatingAsStream(data);
}

type Zlib = Pick<typeof import("node:zlib"), "inflateSync" | "constants">;
// A tab has none. Node has streams too, which take three to twenty times as long.
const nodeZlib: Zlib | null = globalThis.process?.getBuiltinModule?.("node:zlib") ?? null;

const notZlib = () => new TandemError("bad-data", `not zlib data of at most ${maxDeflated} bytes`);

function inflatingAtOnce(data: Uint8Array, { inflateSync, constants }: Zlib): Inflating {
  function read(input: Uint8Array, finishFlush: number): Uint8Array | undefined {
    try {
      return inflateSync(input, { finishFlush, maxOutputLength: maxDeflated });
    } catch {
      return undefined; // broken, or too much
    }
  }
  return {
    async start(length) {
      // 512 bytes inflate to half a MiB at most.
      for (let size = 512; ; size *= 4) {
        const start = read(data.subarray(0, size), constants.Z_SYNC_FLUSH);
        if (!start) throw notZlib();
        if (start.length >= length || size >= data.length) return start.subarray(0, length);
      }
    },
    async whole() {
      const all = read(data, constants.Z_FINISH);
      if (!all) throw notZlib();
      return all;
    },
    close() {},
  };
}

function inflatingAsStream(data: Uint8Array): Inflating {
  const reader = through(new DecompressionStream("deflate"), data);
  const parts: Uint8Array[] = [];
  let size = 0;
  let isWhole = false;
  /** Until there are so many, or no more. */
  async function read(length: number): Promise<void> {
    try {
      while (size < length && !isWhole) {
        const { done, value } = await reader.read();
        isWhole = done;
        if (done) break;
        parts.push(value);
        size += value.length;
      }
    } catch {
      // What has come so far is all that can be read.
    }
  }
  return {
    async start(length) {
      await read(length);
      return concatenated(Uint8Array, parts).subarray(0, length);
    },
    async whole() {
      await read(maxDeflated + 1);
      if (!isWhole || size > maxDeflated) throw notZlib();
      return concatenated(Uint8Array, parts);
    },
    close: () => void reader.cancel().catch(() => {}), // broken data have ended it
  };
}

/** Undoes `deflated`; throws `bad-data` before it would make more than 1 MiB. */
export async function inflated(bytes: Uint8Array): Promise<Uint8Array> {
  const opened = inflating(bytes);
  try {
    return await opened.whole();
  } finally {
    opened.close();
  }
}

function through(
  stream: CompressionStream | DecompressionStream,
  bytes: Uint8Array,
): ReadableStreamDefaultReader<Uint8Array> {
  const source = new ReadableStream<BufferSource>({
    start(controller) {
      controller.enqueue(bytes as BufferSource);
      controller.close();
    },
  });
  return source.pipeThrough(stream).getReader();
}
