import { createRng } from "@tandem/core/rng";
import { u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import { beforeAll, expect, it } from "vitest";
import { criticise, initialCritic, picturesTensor } from "./net";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

it("looks at means of 2 x 2 pixels, and at 16 a side at most", async () => {
  const pixels = Array.from({ length: 2 * 4 * 4 * 3 }, (_, i) => i);
  const tensor = picturesTensor(u8([2, 4, 4, 3], pixels), [1]);
  expect(tensor.shape).toEqual([1, 2, 2, 3]);
  // Of picture 1, pixels (0, 0), (0, 1), (1, 0) and (1, 1) of the first channel.
  const mean = (48 + 51 + 60 + 63) / 4;
  expect((await tensor.data())[0]).toBeCloseTo(mean / 127.5 - 1, 6);
  tensor.dispose();
  const large = picturesTensor(u8([1, 64, 64, 3], Array(64 * 64 * 3).fill(255)), [0]);
  expect(large.shape).toEqual([1, 16, 16, 3]);
  expect(Math.min(...(await large.data()))).toBe(1);
  large.dispose();
});

it("says a number of any picture, of one pixel too", async () => {
  const net = initialCritic(2, createRng("critic"));
  net.all.data.fill(1);
  for (const shape of [
    [1, 1, 1, 3],
    [1, 3, 40, 3],
  ] as const) {
    const size = shape[1] * shape[2] * 3;
    const [said] = await criticise(net, u8(shape, Array(size).fill(200)), [0]);
    expect(Number.isFinite(said) && said !== 0).toBe(true);
  }
});
