import { f32 } from "@tandem/core/tensor";
import { describe, expect, it } from "vitest";
import { chanceOf, ranksOf, recallOf, retrieval, search } from "./retrieval";

const keys = ["a", "b", "c"];
const identity = f32([3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]);

describe("retrieval", () => {
  it("is perfect between equal rows: rsum 6 x 100", () => {
    const perfect = { r1: 1, r5: 1, r10: 1, medianRank: 1 };
    expect(retrieval(identity, identity, keys)).toEqual({
      imageToText: perfect,
      textToImage: perfect,
      rsum: 600,
    });
  });

  it("ranks a right answer behind the wrong ones with a larger score", () => {
    // Scores of the rows: (.5 .9 .7), (0 1 0), (.3 .2 .1); right answers on the diagonal.
    const queries = f32([3, 3], [0.5, 0.9, 0.7, 0, 1, 0, 0.3, 0.2, 0.1]);
    expect([...ranksOf(queries, identity, keys)]).toEqual([3, 1, 3]);
    // Transposed: (.5 0 .3), (.9 1 .2), (.7 0 .1).
    expect([...ranksOf(identity, queries, keys)]).toEqual([1, 1, 2]);
    const { imageToText, textToImage, rsum } = retrieval(queries, identity, keys);
    expect([imageToText.r1, imageToText.medianRank]).toEqual([1 / 3, 3]);
    expect([textToImage.r1, textToImage.medianRank]).toEqual([2 / 3, 1]);
    expect(rsum).toBeCloseTo(500, 10); // 33.3 + 100 + 100 and 66.7 + 100 + 100
  });

  it("takes any row with the same caption for right", () => {
    const swapped = f32([3, 3], [0, 1, 0, 1, 0, 0, 0, 0, 1]);
    // Row 0 scores 0 1 0: a wrong answer at 1, another level with the right one at 0.
    expect([...ranksOf(swapped, identity, keys)]).toEqual([3, 3, 1]);
    expect([...ranksOf(swapped, identity, ["a", "a", "c"])]).toEqual([1, 1, 1]);
  });

  it("gives nothing to an encoder that maps all to one point", () => {
    const collapsed = f32([3, 1], [1, 1, 1]);
    expect([...ranksOf(collapsed, collapsed, keys)]).toEqual([3, 3, 3]);
  });

  it("has the mean of the two middle ranks as the median of an even number", () => {
    expect(recallOf(Int32Array.of(20, 1, 4, 7))).toEqual({
      r1: 0.25,
      r5: 0.5,
      r10: 0.75,
      medianRank: 5.5,
    });
  });

  it("refuses what does not pair, and scores that are no numbers", () => {
    expect(() => ranksOf(identity, f32([2, 3], [1, 0, 0, 0, 1, 0]), keys)).toThrow(/do not pair/);
    const broken = f32([3, 3], [Number.NaN, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect(() => ranksOf(broken, identity, keys)).toThrow(/NaN/);
  });

  it("has a chance of k / N without ties, and a larger one with", () => {
    const four = ["a", "b", "c", "d"];
    expect(chanceOf(four)).toBe(1 / 4);
    expect(chanceOf(four, 3)).toBeCloseTo(3 / 4, 12);
    expect(chanceOf(four, 10)).toBe(1);
    // Of a a b c, at 1: (2 x 1/2 + 1/4 + 1/4) / 4. At 2: (2 x (1 - 2/4 x 1/3) + 1/2 + 1/2) / 4.
    expect(chanceOf(["a", "a", "b", "c"])).toBeCloseTo(3 / 8, 12);
    expect(chanceOf(["a", "a", "b", "c"], 2)).toBeCloseTo(2 / 3, 12);
  });
});

describe("search", () => {
  const rows = f32([5, 2], [0, 2, 1, 1, 0, 0, 5, 0, -1, 0]);

  it("finds the nearest by angle, whatever their lengths, best first", () => {
    const found = search([3, 0], rows, 3);
    expect(found.map(({ row }) => row)).toEqual([3, 1, 0]); // rows 0 and 2 both score 0
    expect(found.map(({ score }) => score)).toEqual([1, expect.closeTo(Math.SQRT1_2, 12), 0]);
    expect(search([3, 0], rows, 99).map(({ row }) => row)).toEqual([3, 1, 0, 2, 4]);
    expect(search([3, 0], f32([0, 2], []), 3)).toEqual([]);
    expect(search([3, 0], rows, 0)).toEqual([]);
  });

  it("refuses what has no direction or another width", () => {
    expect(() => search([0, 0], rows, 1)).toThrow("a query of length 0 has no direction");
    expect(() => search([Number.NaN, 0], rows, 1)).toThrow("has no direction");
    expect(() => search([1], rows, 1)).toThrow("a query of 1 numbers among rows of 2");
    expect(() => search([1, 0], f32([1, 2], [0, Number.NaN]), 1)).toThrow("row 0 holds");
  });
});
