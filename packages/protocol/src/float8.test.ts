import { expect, it } from "vitest";
import { type Float8DType, fromFloat8, fromFloat8s } from "./float8";

// Smallest subnormal, smallest normal, one, largest finite, from the tables of the papers.
it.each<[Float8DType, readonly (readonly [bits: number, value: number])[]]>([
  [
    "F8_E4M3",
    [
      [1, 2 ** -9],
      [8, 2 ** -6],
      [0x38, 1],
      [0xb8, -1],
      [0x7e, 448],
      [0x7f, Number.NaN],
    ],
  ],
  [
    "F8_E5M2",
    [
      [1, 2 ** -16],
      [4, 2 ** -14],
      [0x3c, 1],
      [0x7b, 57_344],
      [0xfc, Number.NEGATIVE_INFINITY],
      [0x7d, Number.NaN],
    ],
  ],
  [
    "F8_E4M3FNUZ",
    [
      [1, 2 ** -10],
      [8, 2 ** -7],
      [0x40, 1],
      [0x7f, 240],
      [0x80, Number.NaN],
    ],
  ],
  [
    "F8_E5M2FNUZ",
    [
      [1, 2 ** -17],
      [4, 2 ** -15],
      [0x40, 1],
      [0x7f, 57_344],
      [0x80, Number.NaN],
    ],
  ],
  [
    "F8_E8M0",
    [
      [0, 2 ** -127],
      [127, 1],
      [254, 2 ** 127],
      [255, Number.NaN],
    ],
  ],
])("%s has the numbers of its definition", (dtype, pairs) => {
  for (const [bits, value] of pairs) expect(fromFloat8(bits, dtype)).toBe(value);
  expect([
    ...fromFloat8s(
      Uint8Array.from(pairs, ([bits]) => bits),
      dtype,
    ),
  ]).toEqual(pairs.map(([, value]) => value));
});

it.each(["F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ"] as const)(
  "%s grows with its bits, and its sign only turns the number",
  (dtype) => {
    const finite = Array.from({ length: 128 }, (_, bits) => fromFloat8(bits, dtype)).filter(
      Number.isFinite,
    );
    finite.slice(1).forEach((value, i) => {
      expect(value).toBeGreaterThan(finite[i]);
      expect(fromFloat8((i + 1) | 0x80, dtype)).toBe(-value);
    });
  },
);
