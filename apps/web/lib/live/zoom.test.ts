import { expect, it } from "vitest";
import { steppedZoom } from "./zoom";

const at = (zoom: readonly [number, number] | undefined, isIn: boolean, around?: number) =>
  steppedZoom({ zoom, planned: 300, around, isIn });

it("zooming in halves what is shown around a round, and stays within the run", () => {
  expect(at(undefined, true, 100)).toEqual([25, 175]);
  expect(at(undefined, true, 300)).toEqual([150, 300]);
  expect(at([10, 12], true)).toEqual([11, 12]);
  expect(at([11, 12], true)).toEqual([11, 12]);
});

it("zooming out doubles it, until all is shown", () => {
  expect(at([100, 150], false)).toEqual([75, 175]);
  expect(at([25, 175], false)).toBeUndefined();
  expect(at(undefined, false)).toBeUndefined();
});
