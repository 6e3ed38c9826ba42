import { expect, it } from "vitest";
import { durationOf } from "./duration";

it.each([
  ["90s", 90_000],
  ["30m", 1_800_000],
  ["24h", 86_400_000],
  ["7d", 604_800_000],
  ["0h", undefined],
  ["24", undefined],
  ["-1h", undefined],
  ["1.5h", undefined],
  ["1 h", undefined],
  ["", undefined],
])("%s is %s ms", (text, ms) => {
  expect(durationOf(text)).toBe(ms);
});
