import { expect, it } from "vitest";
import { formatOf } from "./format-metric";

it.each([
  ["accuracy/image", 0.1234, "12.3 %"],
  ["accuracy/part/noto", 0.5, "50.0 %"],
  ["retrieval/text-to-image/r1", 0.5, "50.0 %"],
  ["teacher/basePromptAccuracy", 0.5, "50.0 %"],
  ["teacher/realPart/noto", 0.5, "50.0 %"],
  ["teacher/frechet", 123.456, "123"],
  ["loss", 0.12345, "0.123"],
  ["spent/up", 1250, "1.25 kB"],
  ["spent/ms", 1500, "1.5 s"],
])("%s of %d is written %s", (metric, value, written) => {
  expect(formatOf(metric).value(value)).toBe(written);
});
