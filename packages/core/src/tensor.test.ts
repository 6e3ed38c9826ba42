import { expect, it } from "vitest";
import {
  addPrefix,
  arrayOf,
  concatenated,
  concatenateRows,
  f32,
  i32,
  sizeOf,
  takeRows,
  u8,
  underPrefix,
} from "./tensor";

it("a shape's size is the product of its extents, 1 for a scalar", () => {
  expect([sizeOf([2, 3, 4]), sizeOf([]), sizeOf([5, 0])]).toEqual([24, 1, 0]);
});

it("values that do not fill the shape are refused with both numbers", () => {
  expect(() => f32([2, 2], [1, 2, 3])).toThrow("3 values do not fill shape [2, 2]");
});

it("an array of the right type is taken as it is, another is converted", () => {
  const data = Float32Array.of(1, 2);
  expect(f32([2], data).data).toBe(data);
  expect(i32([2], [1, 2]).data).toEqual(Int32Array.of(1, 2));
});

it("an array by name must be there and have the wanted dtype", () => {
  const arrays = { z: f32([1], [1]) };
  expect(arrayOf(arrays, "z", "f32")).toBe(arrays.z);
  expect(() => arrayOf(arrays, "p", "f32")).toThrow('array "p" is missing');
  expect(() => arrayOf(arrays, "z", "u8")).toThrow('array "z" is f32, not u8');
});

it("rows come in the order asked for, repeated if asked twice, as a copy", () => {
  const tensor = u8([3, 1, 2], [1, 2, 3, 4, 5, 6]);
  const rows = takeRows(tensor, [2, 0, 2]);
  expect(rows).toEqual(u8([3, 1, 2], [5, 6, 1, 2, 5, 6]));
  rows.data[0] = 9;
  expect(tensor.data[4]).toBe(5);
  expect(takeRows(tensor, [])).toEqual(u8([0, 1, 2], []));
});

it("rows are put one below the other, and must be as wide", () => {
  expect(concatenateRows([u8([1, 2], [1, 2]), u8([2, 2], [3, 4, 5, 6])])).toEqual(
    u8([3, 2], [1, 2, 3, 4, 5, 6]),
  );
  expect(() => concatenateRows([u8([1, 2], [1, 2]), u8([1, 3], [1, 2, 3])])).toThrow(
    "rows of [3] below rows of [2]",
  );
});

it("arrays are put one after the other, each as it is; of none there is an empty one", () => {
  const [first, second] = [Float32Array.of(1, 0.5), Float32Array.of(1, 0.5, -2)];
  expect(concatenated(Float32Array, [first, second.subarray(1), first])).toEqual(
    Float32Array.of(1, 0.5, 0.5, -2, 1, 0.5),
  );
  expect(concatenated(Uint8Array, [])).toEqual(new Uint8Array(0));
});

it("a prefix goes on and comes off, and hides what does not have it", () => {
  const arrays = { a: f32([1], [1]) };
  const placed = { ...addPrefix("x/", arrays), y: f32([1], [2]) };
  expect(Object.keys(placed)).toEqual(["x/a", "y"]);
  expect(underPrefix("x/", placed)).toEqual(arrays);
});
