import { describe, expect, it } from "vitest";
import { fromBfloats, fromHalf, fromHalves, toBfloat, toHalf, toHalves } from "./half";

describe("half precision", () => {
  it("restores every one of the 65,536 bit patterns", () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const value = fromHalf(bits);
      if (Number.isNaN(value)) expect(fromHalf(toHalf(value))).toBeNaN();
      else if (toHalf(value) !== bits) expect.fail(`${bits} became ${toHalf(value)}`);
    }
  });

  it("rounds the values between two halves to the nearer, ties to the even one", () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const middle = (fromHalf(bits) + fromHalf(bits + 1)) / 2; // exact in f32
      const even = bits % 2 === 0 ? bits : bits + 1;
      const nudge = Math.max(middle * 2 ** -23, 2 ** -40);
      const found = [middle - nudge, middle, middle + nudge, -middle].map(toHalf);
      if (String(found) !== String([bits, even, bits + 1, even | 0x8000]))
        expect.fail(`around half ${bits}: ${found}`);
    }
  });

  it("rounds to nearest, ties to even", () => {
    // Halves near 1 are 2^-10 apart: 1 + 2^-11 is a tie and goes to 1, 1 + 3·2^-11 to 1 + 2^-9.
    expect(fromHalf(toHalf(1 + 2 ** -11))).toBe(1);
    expect(fromHalf(toHalf(1 + 3 * 2 ** -11))).toBe(1 + 2 ** -9);
    expect(toHalf(65_520)).toBe(0x7c00);
    expect(toHalf(2 ** -25)).toBe(0);
  });
});

describe("bfloat16", () => {
  it("comes back from every one of the 65,536 bit patterns", () => {
    const all = Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits);
    fromBfloats(all).forEach((value, bits) => {
      if (
        Number.isNaN(value)
          ? !Number.isNaN(fromBfloats(Uint16Array.of(toBfloat(value)))[0])
          : toBfloat(value) !== bits
      )
        expect.fail(`${bits} became ${toBfloat(value)}`);
    });
  });

  it("rounds to nearest, ties to even, and overflows to infinity", () => {
    // bfloat16s near 1 are 2^-7 apart
    expect(toBfloat(1 + 2 ** -8)).toBe(0x3f80);
    expect(toBfloat(1 + 2 ** -8 + 2 ** -20)).toBe(0x3f81);
    expect(toBfloat(1 + 3 * 2 ** -8)).toBe(0x3f82);
    expect(toBfloat(3.4028e38)).toBe(0x7f80);
  });
});

it("halves of long arrays equal halves one by one", () => {
  const values = Float32Array.of(1, -0.1, 1e-7, 1e9, Number.NaN);
  expect([...fromHalves(toHalves(values))]).toEqual([
    1,
    -0.0999755859375,
    2 * 2 ** -24,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  ]);
});
