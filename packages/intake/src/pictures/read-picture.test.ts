import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { bitmap, bytesOfPicture, fileOf, painting } from "../testing/pictures";
import { largeInTurn, type PictureDecoder } from "./decoder";
import { fitPicture } from "./fit-picture";
import { headerOf } from "./header";
import { kindOf, pictureKinds } from "./kind";
import { nodeDecoder } from "./node-decoder";
import { readPicture } from "./read-picture";

const format = { size: 16, colour: true, background: 255 } as const;
const read = (bytes: Uint8Array | string, path = "a.jpg", decoder: PictureDecoder = nodeDecoder) =>
  readPicture(fileOf(path, bytes), format, decoder);

async function pixelsOf(bytes: Uint8Array, as: { readonly [K in keyof typeof format]?: unknown }) {
  const found = await readPicture(fileOf("a", bytes), { ...format, ...as } as never, nodeDecoder);
  if (!("picture" in found)) throw new Error(found.leftOut.sentence);
  return found.picture.pixels;
}
const at = (pixels: Uint8Array, x: number, y: number, size = 16) =>
  Array.from(pixels.subarray(3 * (y * size + x), 3 * (y * size + x) + 3));
function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>, within = 6) {
  expect(actual.length).toBe(expected.length);
  const largest = Array.from(actual).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - expected[i])),
    0,
  );
  expect(largest).toBeLessThanOrEqual(within);
}

const plain = await pixelsOf(await bytesOfPicture(painting(64, 64, 3).png()), {});

it.each([
  ["JPEG", painting(64, 64, 3).jpeg({ quality: 95 })],
  ["progressive JPEG", painting(64, 64, 3).jpeg({ quality: 95, progressive: true })],
  ["16-bit PNG", painting(64, 64, 3).toColourspace("rgb16").png()],
  ["lossless WebP", painting(64, 64, 3).webp({ lossless: true })],
  ["WebP", painting(64, 64, 3).webp({ quality: 95 })],
  ["AVIF", painting(64, 64, 3).avif({ quality: 90 })],
])("%s holds the same pixels", async (_, picture) => {
  expectNear(await pixelsOf(await bytesOfPicture(picture), {}), plain);
});

it.each([
  ["palette PNG", painting(64, 64, 3).png({ palette: true }), 24],
  ["GIF", painting(64, 64, 3).gif(), 24],
])("%s holds nearly the same", async (_, picture, within) => {
  expectNear(await pixelsOf(await bytesOfPicture(picture), {}), plain, within);
});

it("the depth and palette of the files above are what they are called", async () => {
  const depth = await bytesOfPicture(painting(64, 64).toColourspace("rgb16").png());
  const palette = await bytesOfPicture(painting(64, 64).png({ palette: true }));
  expect([depth[24], palette[25]]).toEqual([16, 3]);
});

it("a JPEG for print has its colours, not their negatives", async () => {
  const create = { width: 32, height: 32, channels: 3, background: "#a08c78" } as const;
  const file = await bytesOfPicture(sharp({ create }).toColourspace("cmyk").jpeg({ quality: 95 }));
  expect((await sharp(file).metadata()).space).toBe("cmyk");
  expectNear(at(await pixelsOf(file, {}), 8, 8), [0xa0, 0x8c, 0x78], 12);
});

it("what is transparent shows the task's background, fitted whole into the square", async () => {
  const wide = await bytesOfPicture(painting(64, 32, 0, 4).png());
  const pixels = await pixelsOf(wide, { background: 90 });
  expect(at(pixels, 8, 1)).toEqual([90, 90, 90]); // above it
  expect(at(pixels, 13, 8)).toEqual([90, 90, 90]); // its right half
  expect(at(pixels, 2, 8)[2]).toBe(0);
});

it("a picture is turned as its EXIF says", async () => {
  const upright = await pixelsOf(await bytesOfPicture(painting(64, 64).rotate(90).png()), {});
  const turned = painting(64, 64).withMetadata({ orientation: 6 }).jpeg({ quality: 95 });
  expectNear(await pixelsOf(await bytesOfPicture(turned), {}), upright);
});

it("grey tasks have three equal channels", async () => {
  const red = await bytesOfPicture(
    sharp({ create: { width: 9, height: 9, channels: 3, background: "#f00" } }).png(),
  );
  expect(at(await pixelsOf(red, { colour: false }), 8, 8)).toEqual([76, 76, 76]);
});

it("fine stripes become grey, not other stripes", async () => {
  const side = 1999;
  const stripes = Uint8Array.from({ length: side * side }, (_, i) => ((i % side) % 2) * 255);
  const png = sharp(stripes, { raw: { width: side, height: side, channels: 1 } }).png();
  const pixels = await pixelsOf(await bytesOfPicture(png), {});
  expect(pixels.every((value) => Math.abs(value - 127) <= 8)).toBe(true);
});

it("the last step smooths too: stripes of one pixel, of what decoders hand over", () => {
  const data = Uint8Array.from({ length: 62 * 62 * 3 }, (_, i) => (Math.floor(i / 3) % 2) * 255);
  const pixels = fitPicture({ width: 62, height: 62, data }, format);
  expect(pixels.every((value) => Math.abs(value - 127) <= 12)).toBe(true);
});

it("of large pictures one is decoded at a time, even after one that fails", async () => {
  let busy = 0;
  const decoder = largeInTurn({
    kinds: ["png"],
    async decode(_, { pixels }) {
      if (++busy > 1) throw new Error("two at a time");
      await new Promise((resolve) => setTimeout(resolve, 5));
      busy--;
      if (pixels > 50e6) throw new Error("it is broken");
      return { width: 1, height: 1, data: new Uint8Array(3) };
    },
  });
  const options = { kind: "png", background: 0, longest: 64 } as const;
  const decoded = [60e6, 30e6, 40e6].map((pixels) =>
    decoder.decode(new Uint8Array(0), { ...options, pixels }),
  );
  const results = await Promise.allSettled(decoded);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
});

it("moving pictures give their first frame, and say so", async () => {
  const frames = Buffer.concat(
    await Promise.all([3, 5].map((seed) => painting(32, 32, seed).raw().toBuffer())),
  );
  const both = () => sharp(frames, { raw: { width: 32, height: 64, channels: 3, pageHeight: 32 } });
  const first = await pixelsOf(await bytesOfPicture(painting(32, 32, 3).png()), {});
  for (const file of [both().gif(), both().webp({ lossless: true })]) {
    const found = await read(await bytesOfPicture(file));
    if (!("picture" in found)) throw new Error(found.leftOut.sentence);
    expect(found.note?.sentence).toContain("first frame");
    expectNear(found.picture.pixels, first, 24);
  }
});

it("a BMP is read by whoever can, after its header is", async () => {
  const bytes = bitmap(9, 10, [200, 100, 50]);
  expect(await read(bytes)).toMatchObject({ leftOut: { code: "kind" } });
  const data = new Uint8Array(3 * 90).fill(7);
  const decoder = { kinds: pictureKinds, decode: async () => ({ width: 9, height: 10, data }) };
  expect(await read(bytes, "a.bmp", decoder)).toMatchObject({ picture: { path: "a.bmp" } });
  expect(await read(bytes.subarray(0, -1), "a.bmp", decoder)).toMatchObject({
    leftOut: { code: "truncated" },
  });
});

describe("refuses", () => {
  it.each([
    ["png", () => painting(64, 64).png()],
    ["jpeg", () => painting(64, 64).jpeg()],
    ["gif", () => painting(64, 64).gif()],
    ["webp", () => painting(64, 64).webp()],
    ["avif", () => painting(64, 64).avif()],
  ] as const)("a %s that is cut off anywhere, without decoding it", async (kind, make) => {
    const bytes = await bytesOfPicture(make());
    expect(headerOf(kind, bytes)).toMatchObject({ width: 64, height: 64, complete: true });
    const decoder: PictureDecoder = {
      kinds: pictureKinds,
      decode: () => Promise.reject(new Error("it was decoded")),
    };
    for (const share of [0.2, 0.5, 0.9, 0.99]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * share));
      expect(await read(cut, "a", decoder)).toMatchObject({ leftOut: { code: "truncated" } });
    }
  });

  const heic = "\0\0\0\x18ftypheic\0\0\0\0mif1heic";
  it.each([
    ["nothing", "", "empty", "no bytes"],
    ["text", "cats and dogs", "kind", 'whatever ".jpg" says'],
    ["HEIC", heic, "kind", "Most Compatible"],
    ["a PDF", "%PDF-1.7", "kind", "PDF"],
    ["a drawing", '<?xml version="1.0"?><svg xmlns="x"/>', "kind", "SVG"],
    ["a TIFF", "II*\0abcd", "kind", "TIFF"],
    ["a video", "\0\0\0\x14ftypisom\0\0\0\0isom", "kind", "video"],
    ["a zip", "PK\x03\x04", "nested-zip", "unpack it"],
    ["a drawing that is empty", "<!-- made by hand -->\n<svg/>", "kind", "SVG"],
    ["another archive", "Rar!\x1a\x07\x00", "kind", "folder or a zip of it"],
    ["a tar", `cat/a.png${"\0".repeat(248)}ustar`, "kind", "folder or a zip of it"],
  ])("%s", async (_, text, code, words) => {
    const found = await read(text);
    expect(found).toMatchObject({ leftOut: { code, sentence: expect.stringContaining(words) } });
  });

  it("what is no picture, and says by its name what it should be", async () => {
    for (const [name, words] of [
      ["a.zip", "pack it anew"],
      ["a.JSON", "one object a line"],
      ["a.svg", "SVG"],
    ])
      expect(await readPicture(fileOf(name, "?"), format, nodeDecoder)).toMatchObject({
        leftOut: { path: name, sentence: expect.stringContaining(words) },
      });
    const old = Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1);
    expect(await read(old)).toMatchObject({
      leftOut: { sentence: expect.stringContaining("its table as CSV UTF-8") },
    });
    expect(await read(Uint8Array.of(0x1f, 0x8b, 8))).toMatchObject({
      leftOut: { sentence: expect.stringContaining("unpack it") },
    });
  });

  it("what is too small, too large, or a bomb by its header", async () => {
    const tiny = await bytesOfPicture(painting(7, 64).png());
    expect(await read(tiny)).toMatchObject({ leftOut: { code: "too-small" } });
    const bomb = tiny.slice();
    new DataView(bomb.buffer).setUint32(16, 50_000);
    new DataView(bomb.buffer).setUint32(20, 50_000);
    expect(await read(bomb)).toMatchObject({ leftOut: { code: "too-large" } });
    const heavy = { ...fileOf("a", ""), size: 65 * 2 ** 20 };
    expect(await readPicture(heavy, format, nodeDecoder)).toMatchObject({
      leftOut: { code: "too-large", sentence: expect.stringContaining("68.2 MB") },
    });
  });

  it("what its header promises and its data do not keep", async () => {
    const png = await bytesOfPicture(painting(64, 64).png());
    png.fill(0, 60, 90);
    expect(await read(png)).toMatchObject({ leftOut: { code: "undecodable" } });
  });
});

it("no bytes make the headers throw, or run on", () => {
  const starts = [
    "\x89PNG\r\n\x1a\n",
    "\xff\xd8\xff",
    "GIF89a",
    "RIFF....WEBPVP8X",
    "BM",
    "....ftypavif",
  ];
  fc.assert(
    fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }), (start, rest) => {
      const bytes = new Uint8Array([...Buffer.from(start, "latin1"), ...rest]);
      kindOf(bytes);
      for (const kind of pictureKinds) headerOf(kind, bytes);
    }),
    { numRuns: 2000 },
  );
});
