import { expect, it } from "vitest";
import { concatenate, type LabelledSet, subset } from "./data";
import { heldInRound, onlyModalities, rowsWith, wholeIn, withoutMasked } from "./presence";
import { u8 } from "./tensor";

const pairs: LabelledSet = {
  size: 3,
  labels: Int32Array.of(5, 6, 7),
  images: u8([3, 1, 1, 3], [1, 1, 1, 2, 2, 2, 3, 3, 3]),
  captions: ["x", "y", "z"],
};
const mask = (...values: number[]) => Uint8Array.from(values);

it("what a sample lacks is blank and marked, and the set that it was taken from is as it was", () => {
  const holed = withoutMasked(pairs, { image: mask(0, 1, 1), text: mask(1, 1, 0) });
  expect(holed).toEqual({
    size: 3,
    labels: pairs.labels,
    images: u8([3, 1, 1, 3], [0, 0, 0, 2, 2, 2, 3, 3, 3]),
    captions: ["x", "y", ""],
    present: { image: mask(0, 1, 1), text: mask(1, 1, 0) },
  });
  expect(pairs.images?.data[0]).toBe(1);
  expect([...rowsWith(holed, "image")]).toEqual([1, 2]);
  expect(withoutMasked(pairs, { text: mask(1, 1, 1) })).toEqual(pairs);
  const more = withoutMasked(holed, { text: mask(0, 1, 1) });
  expect(more.present).toEqual({ image: mask(0, 1, 1), text: mask(0, 1, 0) });
});

it("masks go with their rows, and below a set with holes a whole one is marked whole", () => {
  const holed = withoutMasked(pairs, { text: mask(1, 1, 0) });
  expect(subset(holed, Int32Array.of(2, 0)).present).toEqual({ text: mask(0, 1) });
  expect(concatenate([pairs, holed]).present).toEqual({ text: mask(1, 1, 1, 1, 1, 0) });
  expect(concatenate([pairs, pairs])).not.toHaveProperty("present");
});

it("one modality alone is the samples that have it, with no mask", () => {
  const holed = withoutMasked(pairs, { image: mask(0, 1, 1), text: mask(1, 1, 0) });
  expect(onlyModalities(holed, ["text"])).toEqual({
    size: 2,
    labels: Int32Array.of(5, 6),
    captions: ["x", "y"],
  });
  expect(onlyModalities(holed, ["image", "text"])).toEqual(holed);
  expect(onlyModalities(pairs, ["image"])).toEqual({
    size: 3,
    labels: pairs.labels,
    images: pairs.images,
  });
});

it("captions that come late are absent until their round, and samples of captions alone with them", () => {
  const late = { ...withoutMasked(pairs, { image: mask(0, 1, 1) }), captionsFrom: 3 };
  expect(heldInRound(late, 2)).toEqual({
    size: 2,
    labels: Int32Array.of(6, 7),
    images: u8([2, 1, 1, 3], [2, 2, 2, 3, 3, 3]),
    captions: ["", ""],
    present: { text: mask(0, 0) },
  });
  const { captionsFrom: _, ...whole } = late;
  expect(heldInRound(late, 3)).toEqual(whole);
  expect(heldInRound(pairs, 1)).toEqual(pairs);
});

it("whole samples have all that is wanted of them, and a set of such is as it was", () => {
  const holed = withoutMasked(pairs, { image: mask(0, 1, 1), text: mask(1, 1, 0) });
  expect(wholeIn(holed, ["image", "text"])).toEqual(subset(pairs, Int32Array.of(1)));
  expect(wholeIn(holed, ["text"]).captions).toEqual(["x", "y"]);
  expect(wholeIn(subset(pairs, Int32Array.of(0)), ["text"]).size).toBe(1);
  expect(wholeIn(pairs, ["image"])).toBe(pairs);
});
