import { TandemError } from "@tandem/core/errors";
import type { TensorOf } from "@tandem/core/tensor";
import { decode, encode } from "fast-png";

const maxPixels = 2 ** 24;
export const sheetColumns = (count: number): number => Math.max(1, Math.ceil(Math.sqrt(count)));

/** (N, h, w, 3) as one PNG, row by row, `sheetColumns(N)` pictures a row; the same bytes each time. */
export function encodeSheet(images: TensorOf<"u8">): Uint8Array {
  const [count, height, width] = images.shape;
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
  if (bytes.length < 33) throw bad("not a PNG");
  // Sizes are compared before anything is inflated: a small file cannot claim a large picture.
  const header = new DataView(bytes.buffer, bytes.byteOffset, 33);
  const [pngWidth, pngHeight] = [header.getUint32(16), header.getUint32(20)];
  if (pngWidth !== columns * width || pngHeight !== rows * height)
    throw bad(`PNG is ${pngWidth} x ${pngHeight}, not ${columns * width} x ${rows * height}`);
  if (pngWidth * pngHeight > maxPixels) throw bad(`more than ${maxPixels} pixels`);
  const png = decoded(bytes, bad);
  if (png.channels !== 3 || png.depth !== 8) throw bad("PNG is not 8-bit RGB");
  const data = new Uint8Array(count * height * width * 3);
  eachLine(shape, columns, (to, from, length) => {
    data.set(png.data.subarray(from, from + length) as Uint8Array, to);
  });
  return { dtype: "u8", shape, data };
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
