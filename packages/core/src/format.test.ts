import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatDay,
  formatDuration,
  formatMinute,
  formatNumber,
  formatPercent,
  listed,
  plural,
} from "./format";

describe("format", () => {
  it("gives bytes three digits in decimal units", () => {
    expect([0, 999, 1000, 12_345, 999_499, 999_500, 5_432_100_000].map(formatBytes)).toEqual([
      "0 B",
      "999 B",
      "1.00 kB",
      "12.3 kB",
      "999 kB",
      "1.00 MB",
      "5.43 GB",
    ]);
  });

  it("lists words without a comma before the last", () => {
    const words = ["pictures", "texts", "pairs"];
    expect([0, 1, 2, 3].map((count) => listed(words.slice(0, count), "or"))).toEqual([
      "",
      "pictures",
      "pictures or texts",
      "pictures, texts or pairs",
    ]);
    expect(listed(words, "and")).toBe("pictures, texts and pairs");
  });

  it("says days and minutes by UTC", () => {
    const late = Date.parse("2026-12-31T23:59:59.999Z");
    expect(formatDay(late)).toBe("2026-12-31");
    expect(formatMinute(late)).toBe("2026-12-31 23:59 UTC");
  });

  it("never shows 60 seconds or 60 minutes", () => {
    expect([850, 1234, 9960, 59_600, 61_000, 3_599_600, 5_400_000].map(formatDuration)).toEqual([
      "850 ms",
      "1.2 s",
      "10 s",
      "1 min",
      "1 min 1 s",
      "1 h",
      "1 h 30 min",
    ]);
    expect([999 * 86_400_000, 1000 * 86_400_000, 1e99].map(formatDuration)).toEqual([
      "23976 h",
      "over 1000 days",
      "over 1000 days",
    ]);
  });

  it("gives numbers and shares their digits", () => {
    expect(formatNumber(0.012345)).toBe("0.0123");
    expect(formatNumber(12)).toBe("12");
    expect(formatPercent(0.6666)).toBe("66.7 %");
    expect(plural(1, "client")).toBe("1 client");
    expect(plural(0, "client")).toBe("0 clients");
  });
});
