import { expect, it } from "vitest";
import { concatenate, modalitiesOf, subset } from "./data";
import { onlyModalities, withoutMasked } from "./presence";
import { f32, u8 } from "./tensor";

it("an image-text client has both modalities, image first", () => {
  expect(modalitiesOf("image")).toEqual(["image"]);
  expect(modalitiesOf("text")).toEqual(["text"]);
  expect(modalitiesOf("image-text")).toEqual(["image", "text"]);
});

it("a subset keeps labels, pictures and captions of a row together", () => {
  const set = {
    size: 3,
    labels: Int32Array.of(5, 6, 7),
    images: u8([3, 1, 1, 3], [1, 1, 1, 2, 2, 2, 3, 3, 3]),
    captions: ["x", "y", "z"],
  };
  expect(subset(set, Int32Array.of(2, 0))).toEqual({
    size: 2,
    labels: Int32Array.of(7, 5),
    images: u8([2, 1, 1, 3], [3, 3, 3, 1, 1, 1]),
    captions: ["z", "x"],
  });
});

it("a subset has no modality that the set has not", () => {
  const part = subset({ size: 1, labels: Int32Array.of(1), captions: ["x"] }, Int32Array.of(0));
  expect(Object.keys(part).sort()).toEqual(["captions", "labels", "size"]);
});

it("features go where their pictures go", () => {
  const set = {
    size: 2,
    labels: Int32Array.of(0, 1),
    images: u8([2, 1, 1, 3], [1, 1, 1, 2, 2, 2]),
    features: f32([2, 2], [1, 2, 3, 4]),
    captions: ["x", "y"],
  };
  const { features: _, ...plain } = set;
  expect(subset(set, Int32Array.of(1)).features).toEqual(f32([1, 2], [3, 4]));
  expect(concatenate([set, set]).features).toEqual(f32([4, 2], [1, 2, 3, 4, 1, 2, 3, 4]));
  expect(concatenate([set, plain]).features).toBeUndefined();
  expect(withoutMasked(set, { image: Uint8Array.of(0, 1) }).features).toEqual(
    f32([2, 2], [0, 0, 3, 4]),
  );
  expect(onlyModalities(set, ["image"]).features).toEqual(set.features);
  expect(onlyModalities(set, ["text"]).features).toBeUndefined();
});
