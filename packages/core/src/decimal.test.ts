import { expect, it } from "vitest";
import { decimal } from "./decimal";

it("a number is what is written in decimal, and nothing else", () => {
  expect(["7", "-2", "+1.5", ".5", "3.", "1e3", "2E-1"].map(decimal)).toEqual([
    7, -2, 1.5, 0.5, 3, 1000, 0.2,
  ]);
  for (const text of [
    "",
    " ",
    " 1",
    "0x10",
    "0b1",
    "Infinity",
    "NaN",
    "1e999",
    "1,000",
    "1_0",
    ".",
  ])
    expect(decimal(text), JSON.stringify(text)).toBeUndefined();
});
