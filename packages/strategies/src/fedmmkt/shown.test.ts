import { u8 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { ofBase, type Shown, withLesson } from "./shown";

/** A row of two pictures of one pixel, whose red tells the round. */
const rowOf = (round: number) => u8([2, 1, 1, 3], [round, 0, 1, round, 0, 2]);
const base = ofBase(["a dog", "a cat", "another dog"], rowOf(0)) as Shown;
const reds = ({ images }: Shown) => Array.from(images.data).filter((_, i) => i % 6 === 0);

it("each lesson adds a row", () => {
  const taught = withLesson(withLesson(base, 1, rowOf(1)), 2, rowOf(2));
  expect(taught.prompts).toEqual(["a dog", "a cat"]);
  expect(taught.rounds).toEqual([0, 1, 2]);
  expect(reds(taught)).toEqual([0, 1, 2]);
  expect(taught.images.shape).toEqual([6, 1, 1, 3]);
});

it("of many rounds a few stay, the base and the latest among them, each with its own pictures", () => {
  let shown = base;
  for (let round = 1; round <= 100; round++) {
    shown = withLesson(shown, round, rowOf(round));
    expect(shown.rounds.length).toBeLessThanOrEqual(12);
    expect([shown.rounds[0], shown.rounds.at(-1)]).toEqual([0, round]);
    expect(reds(shown)).toEqual(shown.rounds);
  }
  expect(shown.rounds).toEqual([0, 16, 32, 48, 64, 80, 96, 100]);
});

it("a teacher that shows nothing has no row", () => {
  expect(ofBase(["a dog"], undefined)).toBeUndefined();
});
