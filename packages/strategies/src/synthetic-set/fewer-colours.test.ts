import { createRng } from "@tandem/core/rng";
import { u8 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { fewerColours } from "./fewer-colours";

const coloursOf = ({ data }: { readonly data: Uint8Array }) =>
  new Set(Array.from({ length: data.length / 3 }, (_, i) => String(data.slice(3 * i, 3 * i + 3))));

it("finds the two clusters there are, at their means", () => {
  // Reds of 250 and 240, three to one, and blues of 10 and 20.
  const pixels = [
    [250, 0, 0],
    [250, 0, 0],
    [250, 0, 0],
    [240, 0, 0],
    [0, 0, 10],
    [0, 0, 20],
  ];
  const [red, blue] = [
    [248, 0, 0],
    [0, 0, 15],
  ];
  expect(fewerColours(u8([1, 2, 3, 3], pixels.flat()), 2)).toEqual(
    u8([1, 2, 3, 3], [red, red, red, red, blue, blue].flat()),
  );
});

it("errs less with more colours, and changes nothing where there are few enough", () => {
  const rng = createRng("fewer-colours");
  const images = u8(
    [4, 16, 16, 3],
    Array.from({ length: 3072 }, () => rng.integer(256)),
  );
  const errors = [1, 4, 16, 64, 256].map((colours) => {
    const reduced = fewerColours(images, colours);
    expect(coloursOf(reduced).size).toBeLessThanOrEqual(colours);
    expect(fewerColours(reduced, colours)).toEqual(reduced);
    return reduced.data.reduce((sum, value, i) => sum + (value - images.data[i]) ** 2, 0);
  });
  expect(errors).toEqual([...errors].sort((a, b) => b - a));
  // One colour is the mean: a variance of 256²/12 in each channel.
  expect(errors[0] / images.data.length / (256 ** 2 / 12)).toBeCloseTo(1, 1);
  expect(errors[4]).toBeLessThan(errors[0] / 30);
  expect(fewerColours(images, 1024)).toEqual(images);
});

it("takes similar colours of many pictures as one, and leaves nothing out of what it tells apart", () => {
  const rng = createRng("fewer-colours/many");
  // 65,536 pixels around three greys, each channel within two steps of its grey.
  const greys = [40, 130, 220];
  const pixels = Array.from({ length: 65_536 }, (_, i) => {
    const grey = greys[i % 3];
    return [0, 1, 2].map(() => grey - 2 + rng.integer(5));
  });
  const images = u8([256, 16, 16, 3], pixels.flat());
  const reduced = fewerColours(images, 64);
  expect(coloursOf(reduced).size).toBeGreaterThan(2);
  expect(coloursOf(reduced).size).toBeLessThanOrEqual(64);
  reduced.data.forEach((value, i) => {
    if (Math.abs(value - images.data[i]) > 4) expect.fail(`${images.data[i]} became ${value}`);
  });
});
