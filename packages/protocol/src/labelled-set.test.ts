import type { JsonObject } from "@tandem/core/json";
import { withoutMasked } from "@tandem/core/presence";
import { f32, type TensorData, u8 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { decodeLabelledSet, encodeLabelledSet } from "./labelled-set";
import { decodePayload, encodePayload } from "./payload-codec";

const images = u8(
  [3, 2, 2, 3],
  Array.from({ length: 36 }, (_, i) => i + 1),
);
const pairs = { size: 3, labels: Int32Array.of(1, 0, 2), images, captions: ["x", "y", "z"] };
const holed = withoutMasked(pairs, { image: Uint8Array.of(0, 1, 1), text: Uint8Array.of(1, 1, 0) });

it("a labelled set comes back whole", () => {
  expect(decodeLabelledSet(encodeLabelledSet(pairs))).toEqual(pairs);
});

it("features come back with their pictures, and are refused without them or in another number", () => {
  const featured = { ...pairs, features: f32([3, 2], [0, 1.5, -2, 3, 4, 5]) };
  expect(decodeLabelledSet(encodeLabelledSet(featured))).toEqual(featured);
  const { images: _, ...blind } = featured;
  for (const wrong of [blind, { ...featured, features: f32([2, 2], [0, 1, 2, 3]) }])
    expect(() => decodeLabelledSet(encodeLabelledSet(wrong))).toThrow(/features of shape/);
});

it("masks, parts and the round of late captions come back with the samples", () => {
  const late = { ...holed, captionsFrom: 4, parts: ["noto", "noto", "twemoji"] };
  expect(decodeLabelledSet(encodeLabelledSet(late))).toEqual(late);
});

it.each<[string, Record<string, TensorData>, Record<string, unknown>, RegExp]>([
  ["of another length", { "present/text": u8([2], [1, 0]) }, {}, /not 3 zeros and ones/],
  ["with a 2", { "present/text": u8([3], [1, 2, 0]) }, {}, /not 3 zeros and ones/],
  ["of nothing", { "present/text": u8([3], [0, 1, 0]) }, {}, /sample 0 has neither/],
  ["that denies a caption", { "present/text": u8([3], [1, 0, 0]) }, {}, /sample 1 .* denies/],
  ["that denies a picture", { "present/image": u8([3], [0, 0, 1]) }, {}, /sample 1 .* denies/],
  ["without captions", {}, { captions: undefined }, /a mask of image for samples of one/],
  ["and two parts for three samples", {}, { parts: ["a", "b"] }, /not 3 names of parts/],
  ["and captions in round 0", {}, { captionsFrom: 0 }, /cannot come in round 0/],
])("refuses a mask %s", (_, arrays, meta, message) => {
  const good = decodePayload(encodeLabelledSet(holed));
  const kept = Object.entries({ ...good.meta, ...meta }).filter(([, value]) => value !== undefined);
  const bytes = encodePayload({
    arrays: { ...good.arrays, ...arrays },
    meta: Object.fromEntries(kept) as JsonObject,
  });
  expect(() => decodeLabelledSet(bytes)).toThrow(message);
});
