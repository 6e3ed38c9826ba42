import type { GalleryItem } from "@tandem/core/strategy";
import { describe, expect, it } from "vitest";
import { agrees, chosen, lessonRows, spriteStyle } from "./gallery";

const items: readonly GalleryItem[] = [
  { prompt: "a cat", label: 0, verdict: { label: 0, confidence: 0.9 }, accepted: true },
  { prompt: "a dog", label: 1, verdict: { label: 0, confidence: 0.6 }, accepted: false },
  { prompt: "a pear", label: 2 },
];

describe("gallery", () => {
  it("leaves out of both verdicts what nobody has judged", () => {
    expect(items.map(agrees)).toEqual([true, false, undefined]);
    expect(chosen(items, "all")).toEqual([0, 1, 2]);
    expect(chosen(items, "accepted")).toEqual([0]);
    expect(chosen(items, "agree")).toEqual([0]);
    expect(chosen(items, "disagree")).toEqual([1]);
  });

  it("has a row for each lesson from the start, as far as a long run keeps them", () => {
    expect(lessonRows([], 3)).toEqual([0, 1, 2, 3]);
    expect(lessonRows([0, 1], 3)).toEqual([0, 1, 2, 3]);
    expect(lessonRows([0, 1, 2, 3], 3)).toEqual([0, 1, 2, 3]);
    expect(lessonRows([0, 16, 32, 33], 100)).toHaveLength(11);
    expect(lessonRows([0, 2, 4, 6, 8, 10, 11], 12)).toEqual([0, 2, 4, 6, 8, 10, 11, 12]);
  });

  it("finds a picture on a sheet", () => {
    // 10 pictures, 4 a row, 3 rows: number 6 is third of the second row.
    const style = spriteStyle(6, 4, 10, "/s.png");
    expect(style.backgroundSize).toBe("400% 300%");
    const [x, y] = style.backgroundPosition.split(" ").map(Number.parseFloat);
    expect(x).toBeCloseTo((2 / 3) * 100);
    expect(y).toBeCloseTo(50);
    expect(spriteStyle(0, 1, 1, "/s.png").backgroundPosition).toBe("0% 0%");
  });
});
