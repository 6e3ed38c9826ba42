import type { Payload } from "@tandem/core/payload";
import { f32, u8 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { askedSet, joined, recall, remember } from "./remembered-sets";

const instruction = (set: number, knowledgeOf?: number): Payload => ({
  arrays: {
    images: u8([2, 1, 1, 3], [set, 0, 0, 0, set, 0]),
    ...(knowledgeOf !== undefined && { target: f32([2, 2], [knowledgeOf, 0, 0, knowledgeOf]) }),
  },
  meta: {
    set,
    captions: [`${set}a`, `${set}b`],
    labels: [0, 1],
    ...(knowledgeOf !== undefined && { knowledgeOf }),
  },
});

it("knowledge is joined to the set that it is about, row by row", () => {
  const first = remember([askedSet(instruction(1))]);
  const afterTwo = recall(first, instruction(2, 1));
  const second = remember([...afterTwo, askedSet(instruction(2, 1))]);
  const { set, knowledge } = joined(recall(second, instruction(3, 2)));
  expect(set.size).toBe(4);
  expect(set.captions).toEqual(["1a", "1b", "2a", "2b"]);
  expect([...(set.images?.data ?? [])]).toEqual([1, 0, 0, 0, 1, 0, 2, 0, 0, 0, 2, 0]);
  expect([...knowledge.target.data]).toEqual([1, 0, 0, 1, 2, 0, 0, 2]);
});

it("a set stays unknown when the knowledge is about another", () => {
  const memory = remember([askedSet(instruction(1))]);
  expect(recall(memory, instruction(3, 2))[0].knowledge).toBeUndefined();
});

it("a first round finds nothing", () => {
  expect(recall({ arrays: {}, meta: {} }, instruction(1))).toEqual([]);
});
