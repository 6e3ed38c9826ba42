import { createRng } from "@tandem/core/rng";
import { u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import { beforeAll, expect, it } from "vitest";
import { coarsePictures, patchBank, patchFeatures, width } from "./patches";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

it("looks at means of 2 x 2 pixels, and at 16 a side at most, framed by their edge", () => {
  const pixels = Array.from({ length: 2 * 4 * 4 * 3 }, (_, i) => i);
  const { shape, data } = coarsePictures(u8([2, 4, 4, 3], pixels), [1]);
  expect(shape).toEqual([1, 4, 4, 3]);
  // Of picture 1, pixels (0, 0), (0, 1), (1, 0) and (1, 1) of the first channel; the corner is framed by itself.
  const mean = (48 + 51 + 60 + 63) / 4 / 127.5 - 1;
  expect(data[0]).toBeCloseTo(mean, 6);
  expect(data[(1 * 4 + 1) * 3]).toBeCloseTo(mean, 6);
  expect(data[(2 * 4 + 2) * 3]).toBeGreaterThan(mean);
  const large = coarsePictures(u8([1, 64, 64, 3], Array(64 * 64 * 3).fill(255)), [0]);
  expect(large.shape).toEqual([1, 18, 18, 3]);
  expect(Math.min(...large.data)).toBe(1);
});

const rng = createRng("patches");
const images = u8(
  [20, 8, 8, 3],
  Array.from({ length: 20 * 8 * 8 * 3 }, () => rng.integer(256)),
);

it("features are what the distances of whitened patches say", async () => {
  const bank = patchBank(images, createRng("bank"));
  const rows = [3, 11];
  const features = await patchFeatures(bank, images, rows);
  const { shape, data } = coarsePictures(images, rows);
  const [, h, w] = shape;
  const expected = rows.flatMap((_, picture) => {
    const sums = new Float64Array(width);
    for (let y = 0; y + 2 < h; y++)
      for (let x = 0; x + 2 < w; x++) {
        const patch = Array.from({ length: 27 }, (_, i) => {
          const [dy, dx, c] = [Math.floor(i / 9), Math.floor(i / 3) % 3, i % 3];
          return data[((picture * h + y + dy) * w + x + dx) * 3 + c];
        });
        const white = Array.from({ length: 27 }, (_, out) =>
          patch.reduce(
            (sum, v, i) => sum + v * bank.whiten.data[i * 27 + out],
            bank.shift.data[out],
          ),
        );
        const far = Array.from({ length: width }, (_, k) =>
          Math.sqrt(
            white.reduce((sum, v, i) => sum + (v - bank.centres.data[i * width + k]) ** 2, 0),
          ),
        );
        const mean = far.reduce((a, b) => a + b, 0) / width;
        far.forEach((d, k) => {
          sums[k] += Math.max(0, mean - d) / ((h - 2) * (w - 2));
        });
      }
    return [...sums];
  });
  expect(features.shape).toEqual([2, width]);
  features.data.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 3);
  });
});

it("has features of any picture, of one pixel and of one colour too", async () => {
  for (const shape of [
    [1, 1, 1, 3],
    [2, 3, 40, 3],
  ] as const) {
    const flat = u8(shape, Array(shape[0] * shape[1] * shape[2] * 3).fill(200));
    const { data } = await patchFeatures(patchBank(flat, createRng(1)), flat);
    expect(data.every(Number.isFinite)).toBe(true);
  }
});
