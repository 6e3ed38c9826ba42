import { TandemError } from "@tandem/core/errors";
import type { TensorOf } from "@tandem/core/tensor";
import { decode, encode } from "fast-png";
import { Unzlib } from "fflate";
import { colourAt, coloursOf } from "./colours";

const maxPixels = 2 ** 24;
/** Whether pictures of (N, h, w, 3) can travel as one sheet. */
export const fitsSheet = ([count, height, width]: readonly number[]): boolean => {
  const columns = sheetColumns(count);
  const pixels = Math.max(1, Math.ceil(count / columns)) * columns * height * width;
  return pixels > 0 && pixels <= maxPixels;
};
export const sheetColumns = (count: number): number => Math.max(1, Math.ceil(Math.sqrt(count)));

/**
 * (N, h, w, 3) as one PNG, row by row, `sheetColumns(N)` pictures a row; with a palette where 256
 * colours are enough. The same bytes each time.
 */
export function encodeSheet(images: TensorOf<"u8">): Uint8Array {
  const [count, height, width] = images.shape;
  if (!fitsSheet(images.shape)) throw new Error(`[${images.shape}] does not fit one sheet`);
  const columns = sheetColumns(count);
  const rows = Math.max(1, Math.ceil(count / columns));
  const data = new Uint8Array(rows * height * columns * width * 3);
  eachLine(images.shape, columns, (from, to, length) => {
    data.set(images.data.subarray(from, from + length), to);
  });
  const size = { width: columns * width, height: rows * height };
  const indexed = withPalette(data);
  return indexed
    ? encode({ ...size, ...indexed, channels: 1, depth: 8 }, { zlib: { level: 9 } })
    : encode({ ...size, data, channels: 3, depth: 8 });
}

const maxColours = 256;

/** Each pixel as a place in a palette in rising order; none where there are too many colours. */
function withPalette(pixels: Uint8Array) {
  const colours = coloursOf(pixels, maxColours);
  if (!colours) return undefined;
  const sorted = [...colours].sort((a, b) => a - b);
  const places = new Map(sorted.map((colour, place) => [colour, place]));
  const data = new Uint8Array(pixels.length / 3);
  for (let i = 0; i < data.length; i++) data[i] = places.get(colourAt(pixels, 3 * i)) ?? 0;
  return {
    data,
    palette: sorted.map((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]),
  };
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
  const pixels = decodedPixels(bytes, bad);
  const data = new Uint8Array(count * height * width * 3);
  eachLine(shape, columns, (to, from, length) => {
    data.set(pixels.subarray(from, from + length), to);
  });
  return { dtype: "u8", shape, data };
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
type Bad = (what: string, cause?: unknown) => TandemError;

/** Refuses what a PNG reader would inflate without bound: other chunks, or data beyond the size. */
function checkSize(bytes: Uint8Array, width: number, height: number, bad: Bad) {
  if (bytes.length < 57 || signature.some((byte, i) => bytes[i] !== byte)) throw bad("not a PNG");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [pngWidth, pngHeight] = [view.getUint32(16), view.getUint32(20)];
  if (pngWidth !== width || pngHeight !== height)
    throw bad(`PNG is ${pngWidth} x ${pngHeight}, not ${width} x ${height}`);
  const [depth, colourType] = [bytes[24], bytes[25]];
  if (depth !== 8 || (colourType !== 2 && colourType !== 3))
    throw bad("PNG is neither 8-bit RGB nor of a palette");
  const chunkAt = (at: number) => String.fromCharCode(...bytes.subarray(at + 4, at + 8));
  let at = 33; // after the signature and IHDR
  if (colourType === 3) {
    const length = view.getUint32(at);
    if (chunkAt(at) !== "PLTE" || length > 3 * maxColours) throw bad("PNG has no palette");
    at += 12 + length;
    if (bytes.length < at + 24) throw bad("PNG ends early");
  }
  const length = view.getUint32(at);
  if (chunkAt(at) !== "IDAT" || bytes.length !== at + 24 + length)
    throw bad("PNG has other chunks than one IDAT");
  // A filter byte before each line.
  const size = height * (1 + width * (colourType === 2 ? 3 : 1));
  if (inflatedSize(bytes.subarray(at + 8, at + 8 + length), size) !== size)
    throw bad(`PNG does not inflate to ${size} bytes`);
}

const step = 2 ** 14;

/** How many bytes zlib data inflate to, without keeping them; nothing if broken or above `max`. */
function inflatedSize(data: Uint8Array, max: number): number | undefined {
  let size = 0;
  let isWhole = false;
  // As `fast-png` does: a sheet is read at once, which the platform's own streams cannot.
  const inflator = new Unzlib((chunk, final) => {
    size += chunk.length;
    isWhole = final;
    if (size > max) throw new Error("too much data");
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

/** Three bytes a pixel. */
function decodedPixels(bytes: Uint8Array, bad: Bad): Uint8Array {
  try {
    const { data, palette } = decode(bytes, { checkCrc: true });
    if (!palette) return data as Uint8Array; // of 8 bits, as was checked
    const pixels = new Uint8Array(3 * data.length);
    for (let i = 0; i < data.length; i++) {
      const [r, g, b] = palette[data[i]]; // throws beyond the palette
      pixels[3 * i] = r;
      pixels[3 * i + 1] = g;
      pixels[3 * i + 2] = b;
    }
    return pixels;
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
