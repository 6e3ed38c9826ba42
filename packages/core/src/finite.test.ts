import { describe, expect, it } from "vitest";
import { TandemError } from "./errors";
import { checkAllFinite, checkFinite, notFinite } from "./finite";
import { f32, f64, i32 } from "./tensor";

const f16 = (...bits: number[]) => ({ dtype: "f16", data: Uint16Array.from(bits) }) as const;

describe("numbers that are none", () => {
  it.each([
    [f32([2], [0, Number.NaN]), "value 1 of 2 is NaN"],
    [f64([1], [Number.NEGATIVE_INFINITY]), "value 0 of 1 is -Infinity"],
    [f16(0x3c00, 0x7c00), "value 1 of 2 is Infinity"],
    [f16(0xfc00), "value 0 of 1 is -Infinity"],
    [f16(0x7e00), "value 0 of 1 is NaN"],
  ])("are found in %o", (array, found) => {
    expect(notFinite(array)).toBe(found);
  });

  it.each([
    // the largest halves and singles are numbers
    [f16(0x7bff, 0xfbff, 0x8000)],
    [f32([2], [3.4028234e38, -0])],
    [f64([1], [Number.MAX_VALUE])],
    [i32([1], [-1])],
    [f32([0], [])],
  ])("are not in %o", (array) => {
    expect(notFinite(array)).toBeUndefined();
  });

  it("are refused with what they are of, and the way out", () => {
    const bad = Float32Array.of(1, Number.POSITIVE_INFINITY);
    expect(() => checkFinite("latents", bad, "take other weights")).toThrow(
      new TandemError("bad-data", "latents: value 1 of 2 is Infinity; take other weights"),
    );
    const arrays = { fine: f32([1], [1]), "a.bias": f32([2], bad) };
    expect(() => checkAllFinite("weight", arrays, "…")).toThrow(/weight "a.bias": value 1/);
  });
});
