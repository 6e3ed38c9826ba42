import { expect, it } from "vitest";
import { scaleOf } from "./ticks";

it("a linear scale has round ticks around its values", () => {
  const { ticks, at } = scaleOf([0.312, 0.448], { mayBeLog: true });
  expect(ticks.map((tick) => Number(tick.toFixed(6)))).toEqual([0.3, 0.35, 0.4, 0.45]);
  expect(at(0.3)).toBeCloseTo(0, 9);
  expect(at(0.45)).toBeCloseTo(1, 9);
});

it("one value lies on a scale too", () => {
  for (const value of [0, 0.5, 7e6]) {
    const { ticks, at } = scaleOf([value]);
    expect(ticks.length).toBeGreaterThan(1);
    expect(at(value)).toBeGreaterThanOrEqual(0);
    expect(at(value)).toBeLessThanOrEqual(1);
  }
});

it("costs far apart are on a logarithmic scale, where that is allowed and none is 0", () => {
  const { ticks, at } = scaleOf([2e3, 5e6], { mayBeLog: true });
  expect(ticks).toEqual([1e3, 1e4, 1e5, 1e6, 1e7]);
  expect(at(1e5)).toBeCloseTo(0.5, 9);
  expect(scaleOf([0, 5e6], { mayBeLog: true }).ticks[0]).toBe(0);
  expect(scaleOf([2e3, 5e6]).ticks[0]).toBe(0);
});
