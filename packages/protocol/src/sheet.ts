import { TandemError } from "@tandem/core/errors";
import type { TensorOf } from "@tandem/core/tensor";
import { decode, encode } from "fast-png";
import { Unzlib } from "fflate";

const maxPixels = 2 ** 24;
/** Whether pictures of (N, h, w, 3) can travel as one sheet. */
export const fitsSheet = ([count, height, width]: readonly number[]): boolean => {
  const columns = sheetColumns(count);
  const pixels = Math.max(1, Math.ceil(count / columns)) * columns * height * width;
  return pixels > 0 && pixels <= maxPixels;
};
export const sheetColumns = (count: number): number => Math.max(1, Math.ceil(Math.sqrt(count)));

/** (N, h, w, 3) as one PNG, row by row, `sheetColumns(N)` pictures a row; the same bytes each time. */
export function encodeSheet(images: TensorOf<"u8">): Uint8Array {
  const [count, height, width] = images.shape;
  if (!fitsSheet(images.shape)) throw new Error(`[${images.shape}] does not fit one sheet`);
  const columns = sheetColumns(count);
  const rows = Math.max(1, Math.ceil(count / columns));
  const data = new Uint8Array(rows * height * columns * width * 3);
  eachLine(images.shape, columns, (from, to, length) => {
    data.set(images.data.subarray(from, from + length), to);
  });
  return encode({ width: columns * width, height: rows * height, data, channels: 3, depth: 8 });
}

/** The pictures of a sheet of the given (N, h, w, 3); throws `bad-data` unless the PNG fits it. */
export function decodeSheet(bytes: Uint8Array, shape: readonly number[]): TensorOf<"u8"> {
  const [count, height, width, channels] = shape;
  const columns = sheetColumns(count);
  const rows = Math.max(1, Math.ceil(count / columns));
  const bad = (what: string, cause?: unknown) =>
    new TandemError("bad-data", `sheet of [${shape}]: ${what}`, { cause });
  if (shape.length !== 4 || channels !== 3) throw bad("shape is not (N, h, w, 3)");
  if (!fitsSheet(shape)) throw bad(`no picture, or more than ${maxPixels} pixels`);
  checkSize(bytes, columns * width, rows * height, bad);
  const png = decoded(bytes, bad);
  if (png.channels !== 3 || png.depth !== 8) throw bad("PNG is not 8-bit RGB");
  const data = new Uint8Array(count * height * width * 3);
  eachLine(shape, columns, (to, from, length) => {
    data.set(png.data.subarray(from, from + length) as Uint8Array, to);
  });
  return { dtype: "u8", shape, data };
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Refuses what a PNG reader would inflate without bound: other chunks, or data beyond the size. */
function checkSize(
  bytes: Uint8Array,
  width: number,
  height: number,
  bad: (what: string, cause?: unknown) => TandemError,
) {
  if (bytes.length < 57 || signature.some((byte, i) => bytes[i] !== byte)) throw bad("not a PNG");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [pngWidth, pngHeight] = [view.getUint32(16), view.getUint32(20)];
  if (pngWidth !== width || pngHeight !== height)
    throw bad(`PNG is ${pngWidth} x ${pngHeight}, not ${width} x ${height}`);
  const length = view.getUint32(33);
  const isData = String.fromCharCode(...bytes.subarray(37, 41)) === "IDAT";
  if (!isData || bytes.length !== 57 + length) throw bad("PNG has other chunks than one IDAT");
  const size = height * (1 + width * 3); // a filter byte before each line
  let inflated = 0;
  const inflator = new Unzlib((chunk) => {
    inflated += chunk.length;
    if (inflated > size) throw new Error("too much data");
  });
  try {
    // 4 KiB inflate to at most 4 MiB, so the end of a bomb is never reached.
    for (let at = 0; at < length; at += 4096) {
      const end = Math.min(length, at + 4096);
      inflator.push(bytes.subarray(41 + at, 41 + end), end === length);
    }
  } catch (cause) {
    throw bad(`PNG does not inflate to ${size} bytes`, cause);
  }
  if (inflated === size) return;
  throw bad(`PNG does not inflate to ${size} bytes`);
}

function decoded(bytes: Uint8Array, bad: (what: string, cause: unknown) => TandemError) {
  try {
    return decode(bytes, { checkCrc: true });
  } catch (cause) {
    throw bad("PNG cannot be read", cause);
  }
}

/** Offsets of each picture line in the tensor and in the sheet. */
function eachLine(
  [count, height, width]: readonly number[],
  columns: number,
  visit: (tensorOffset: number, sheetOffset: number, length: number) => void,
) {
  const length = width * 3;
  for (let i = 0; i < count; i++) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    for (let y = 0; y < height; y++)
      visit((i * height + y) * length, ((row * height + y) * columns + column) * length, length);
  }
}
