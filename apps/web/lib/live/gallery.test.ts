import type { GalleryItem } from "@tandem/core/strategy";
import { describe, expect, it } from "vitest";
import { agreementByClass, agrees, chosen, spriteStyle, windowAround } from "./gallery";

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

  it("counts by class how often clients agree, the least first, without what nobody has judged", () => {
    expect(agreementByClass({ items, classes: ["cat", "dog", "pear"] })).toEqual([
      { name: "dog", agreed: 0, judged: 1 },
      { name: "cat", agreed: 1, judged: 1 },
    ]);
  });

  it("shows a window of many rounds around one, which is never short of what there is", () => {
    const all = [1, 2, 3, 4, 5, 6];
    expect(windowAround(all, 3, 3)).toEqual([3, 4, 5]);
    expect(windowAround(all, 0, 3)).toEqual([1, 2, 3]);
    expect(windowAround(all, 5, 3)).toEqual([4, 5, 6]);
    expect(windowAround(all, 5, 9)).toEqual(all);
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
