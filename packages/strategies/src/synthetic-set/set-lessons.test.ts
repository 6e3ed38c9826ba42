import type { ClientModality } from "@tandem/core/data";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import type { FitContext } from "@tandem/core/strategy";
import { f32 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { type RememberedSet, remember } from "./remembered-sets";
import { knownSets } from "./set-lessons";

const row = f32([1, 2], [1, 0]);
const sets: readonly RememberedSet[] = [
  { image: row, text: row },
  { image: row },
  undefined,
  { text: row, image: row },
].map((knowledge, i) => ({
  set: i + 1,
  captions: ["a"],
  labels: [0],
  ...(knowledge && { knowledge }),
}));

const known = (
  modality: ClientModality,
  cachedSets: number,
  instruction: Payload = emptyPayload,
) => {
  const context = { memory: remember(sets), model: { modality } } as unknown as FitContext; // all that is read
  return knownSets(context, instruction, cachedSets).map(({ set }) => set);
};

it("a client learns from the sets that are known in all of its modalities, the latest of them", () => {
  expect(known("image", 9)).toEqual([1, 2, 4]);
  expect(known("text", 9)).toEqual([1, 4]);
  expect(known("image-text", 9)).toEqual([1, 4]);
  expect(known("image", 2)).toEqual([2, 4]);
});

it("and from what the instruction tells of a set that was unknown", () => {
  const told = { arrays: { text: row }, meta: { knowledgeOf: 3 } };
  expect(known("text", 9, told)).toEqual([1, 3, 4]);
  expect(known("image-text", 9, told)).toEqual([1, 4]);
});
