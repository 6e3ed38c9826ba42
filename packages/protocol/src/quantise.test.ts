import { f32 } from "@tandem/core/tensor";
import fc from "fast-check";
import { expect, it } from "vitest";
import { fromHalf } from "./half";
import { fromShares, quantiseRows, quantiseRowsCoarsely, restoreRows, toShares } from "./quantise";

it("keeps quantised rows within half a step", () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 4, maxLength: 4 }),
      (row) => {
        const back = restoreRows(quantiseRows(f32([1, 4], row)));
        const step = fromHalf(quantiseRows(f32([1, 4], row)).scales.data[0]);
        row.forEach((value, i) => {
          expect(Math.abs(back.data[i] - value)).toBeLessThanOrEqual(step * 0.5001);
        });
      },
    ),
  );
});

it("keeps the direction of coarse rows within 15 values, and their length", () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 16, maxLength: 16 }),
      (row) => {
        const rows = quantiseRowsCoarsely(f32([1, 16], row));
        const back = [...restoreRows(rows).data];
        const peak = Math.max(...row.map(Math.abs));
        fc.pre(peak > 0.01);
        rows.values.data.forEach((value, i) => {
          expect(Math.abs(value)).toBeLessThanOrEqual(7);
          expect(Math.abs((value * peak) / 7 - row[i])).toBeLessThanOrEqual(0.502 * (peak / 7));
        });
        expect(Math.hypot(...back) / Math.hypot(...row)).toBeCloseTo(1, 2);
      },
    ),
  );
  expect([...restoreRows(quantiseRowsCoarsely(f32([1, 2], [0, 0]))).data]).toEqual([0, 0]);
});

it("tells distributions in 255ths that add to one, each less than one off", () => {
  expect([...toShares(f32([1, 3], [0.5, 0.25, 0.25])).data]).toEqual([127, 64, 64]);
  fc.assert(
    fc.property(
      fc.array(fc.float({ min: Math.fround(1e-6), max: 1, noNaN: true }), {
        minLength: 10,
        maxLength: 10,
      }),
      (row) => {
        const total = row.reduce((sum, value) => sum + value, 0);
        const p = row.map((value) => value / total);
        const shares = toShares(f32([1, 10], p));
        expect(shares.data.reduce((sum, value) => sum + value, 0)).toBe(255);
        fromShares(shares).data.forEach((value, c) => {
          expect(Math.abs(value - p[c])).toBeLessThan(1.001 / 255);
        });
      },
    ),
  );
  for (const row of [
    [0.5, 0.4],
    [1.5, -0.5],
    [Number.NaN, 1],
  ])
    expect(() => toShares(f32([1, 2], row))).toThrow(/no distribution/);
});
