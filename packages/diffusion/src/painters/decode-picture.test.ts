import sharp from "sharp";
import { expect, it } from "vitest";
import { decodePicture, pixelsOf } from "./decode-picture";

it("a picture that a server sends is turned as its EXIF says", async () => {
  // Red above blue; 6 turns it to the right: blue, then red.
  const data = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => {
    const channel = i < 8 * 16 * 3 ? 0 : 2;
    return i % 3 === channel ? 200 : 0;
  });
  const raw = { raw: { width: 16, height: 16, channels: 3 as const } };
  const file = await sharp(data, raw).withMetadata({ orientation: 6 }).png().toBuffer();
  const pixels = await decodePicture(file, 16);
  const at = (x: number, y: number) => [...pixels.subarray(3 * (16 * y + x))].slice(0, 3);
  expect([at(2, 2), at(2, 13), at(13, 2), at(13, 13)]).toEqual([
    [0, 0, 200],
    [0, 0, 200],
    [200, 0, 0],
    [200, 0, 0],
  ]);
});

it("takes of a server the three kinds that such servers send, and no other", async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"></svg>');
  await expect(decodePicture(svg, 2)).rejects.toMatchObject({
    code: "bad-data",
    message: expect.stringContaining("svg is none of png, jpeg, webp"),
  });
});

it("says what the way out is for a BMP picture, and for one with too many pixels", async () => {
  const frame = { height: 2, width: 2, fit: "cover" } as const;
  const bmp = Buffer.from(`BM${"\0".repeat(60)}`);
  await expect(pixelsOf(bmp, frame)).rejects.toThrow("a BMP picture is not read: save it as PNG");
  await expect(decodePicture(bmp, 2)).rejects.toThrow("no picture: a BMP picture is not read");
  const side = (pixels: number) =>
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${pixels}" height="${pixels}"/>`);
  const most = "exceeds pixel limit, 268402689: scale it down";
  await expect(pixelsOf(side(16_384), frame)).rejects.toThrow(most);
  const png = await sharp({ create: { width: 4097, height: 4096, channels: 3, background: "red" } })
    .png()
    .toBuffer();
  await expect(decodePicture(png, 2)).rejects.toThrow("exceeds pixel limit, 16777216: scale it");
});
