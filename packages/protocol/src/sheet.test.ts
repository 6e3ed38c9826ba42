import { TandemError } from "@tandem/core/errors";
import { u8 } from "@tandem/core/tensor";
import { encode } from "fast-png";
import { zlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import { decodeSheet, encodeSheet } from "./sheet";

const pictures = u8(
  [3, 4, 4, 3],
  Array.from({ length: 144 }, (_, i) => (i * 37) % 256),
);
/** 512 pixels, each of another colour. */
const colourful = u8(
  [2, 16, 16, 3],
  Array.from({ length: 512 }, (_, i) => [i & 255, i >> 8, 7]).flat(),
);

describe("sheet", () => {
  const sheet = encodeSheet(pictures);
  const chunks = (bytes: Uint8Array) =>
    ["PLTE", "IDAT"].filter((name) => Buffer.from(bytes).includes(name));

  it.each([
    ["few colours, by a palette", pictures, ["PLTE", "IDAT"]],
    ["many, as they are", colourful, ["IDAT"]],
  ])("gives back its pictures of %s, and the same bytes again", (_, images, parts) => {
    const bytes = encodeSheet(images);
    expect(chunks(bytes)).toEqual(parts);
    expect(decodeSheet(bytes, images.shape)).toEqual(images);
    expect(encodeSheet(images)).toEqual(bytes);
  });

  it.each([
    ["RGB", colourful, 16 * (1 + 32 * 3)],
    ["palette", pictures, 8 * (1 + 8)],
  ])("refuses a %s PNG whose data inflate beyond its size, early", (_, images, size) => {
    // 8 MiB of zeros deflate to some 8 kB: spliced in as the data of the sheet.
    const bomb = zlibSync(new Uint8Array(2 ** 23));
    const sheet = encodeSheet(images);
    const at = Buffer.from(sheet).indexOf("IDAT") - 4;
    const hostile = new Uint8Array(at + 24 + bomb.length);
    hostile.set(sheet.subarray(0, at + 8));
    hostile.set(bomb, at + 8);
    new DataView(hostile.buffer).setUint32(at, bomb.length);
    expect(() => decodeSheet(hostile, images.shape)).toThrow(`does not inflate to ${size} bytes`);
  });

  it("refuses a place beyond the palette, and a palette that is not there", () => {
    const [one, many] = [new Uint8Array(64), Uint8Array.from({ length: 64 }, (_, i) => i)];
    const of = (data: Uint8Array, colours: number) =>
      encode({
        ...{ width: 8, height: 8, data, channels: 1, depth: 8 },
        palette: Array.from({ length: colours }, (_, i) => [i, i, i]),
      });
    expect(decodeSheet(of(one, 1), [4, 4, 4, 3]).data.every((value) => value === 0)).toBe(true);
    expect(() => decodeSheet(of(many, 63), [4, 4, 4, 3])).toThrow(/cannot be read/);
    const none = of(one, 1).slice();
    none.set(new TextEncoder().encode("tEXt"), 37);
    expect(() => decodeSheet(none, [4, 4, 4, 3])).toThrow(/no palette/);
  });

  it.each([
    ["another size", [3, 4, 5, 3]],
    ["no pixels", [2 ** 50, 0, 0, 3]],
    ["too many pixels", [2 ** 13, 64, 64, 3]],
    ["other channels", [3, 4, 4, 1]],
  ])("refuses %s", (_, shape) => {
    expect(() => decodeSheet(sheet, shape)).toThrow(TandemError);
  });
});
