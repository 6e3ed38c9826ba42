import { f32, type TensorOf } from "@tandem/core/tensor";
import { fromHalf, toHalf } from "./half";

export type QuantisedRows = {
  /** (N, d). */
  readonly values: TensorOf<"i8">;
  /** (N,), the value of one step in each row. */
  readonly scales: TensorOf<"f16">;
};

/**
 * Rows as int8 from -steps to steps with one half-precision scale each; the error is at most half a
 * step.
 */
export function quantiseRows(rows: TensorOf<"f32">, steps = 127): QuantisedRows {
  const [count, width] = rows.shape;
  const values = new Int8Array(rows.data.length);
  const scales = new Uint16Array(count);
  for (let row = 0; row < count; row++) {
    const source = rows.data.subarray(row * width, (row + 1) * width);
    const peak = source.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    let bits = toHalf(peak / steps);
    if (fromHalf(bits) * steps < peak) bits += 1; // rounded up, so that the peak still fits
    scales[row] = bits;
    const scale = fromHalf(bits) || 1;
    source.forEach((value, i) => {
      values[row * width + i] = Math.round(value / scale);
    });
  }
  return {
    values: { dtype: "i8", shape: rows.shape, data: values },
    scales: { dtype: "f16", shape: [count], data: scales },
  };
}

/** The same from -7 to 7, at a scale that gives each row its length back, so that unit rows stay such. */
export function quantiseRowsCoarsely(rows: TensorOf<"f32">): QuantisedRows {
  const { values, scales } = quantiseRows(rows, 7);
  const [, width] = rows.shape;
  const data = scales.data.map((bits, row) => {
    const of = (all: Float32Array | Int8Array) =>
      norm(all.subarray(row * width, (row + 1) * width));
    const length = of(values.data);
    return length > 0 ? toHalf(of(rows.data) / length) : bits;
  });
  return { values, scales: { ...scales, data } };
}

const norm = (values: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value ** 2, 0));

export function restoreRows({ values, scales }: QuantisedRows): TensorOf<"f32"> {
  const width = values.shape[1];
  const data = Float32Array.from(
    values.data,
    (value, i) => value * fromHalf(scales.data[Math.floor(i / width)]),
  );
  return f32(values.shape, data);
}

const parts = 255;

/**
 * Distributions (N, C) as whole 255ths that add to 255 in each row, by largest remainders; each is less
 * than one 255th off. Throws on a row that is none.
 */
export function toShares({ shape, data }: TensorOf<"f32">): TensorOf<"u8"> {
  const [count, width] = shape;
  const shares = new Uint8Array(data.length);
  for (let row = 0; row < count; row++) {
    const values = data.subarray(row * width, (row + 1) * width);
    const total = values.reduce((sum, value) => sum + value, 0);
    if (!(Math.abs(total - 1) <= 1e-2 && values.every((value) => value >= 0)))
      throw new Error(`row ${row} is no distribution: it sums to ${total}`);
    const exact = Array.from(values, (value) => (value / total) * parts);
    const floors = exact.map(Math.floor);
    const missing = parts - floors.reduce((sum, value) => sum + value, 0);
    const byRemainder = exact
      .map((value, column) => ({ column, remainder: value - floors[column] }))
      .sort((a, b) => b.remainder - a.remainder || a.column - b.column);
    for (const { column } of byRemainder.slice(0, missing)) floors[column] += 1;
    shares.set(floors, row * width);
  }
  return { dtype: "u8", shape, data: shares };
}

/** Rows that do not add to 255 are undone as they are: who takes them checks that they add to 1. */
export const fromShares = ({ shape, data }: TensorOf<"u8">): TensorOf<"f32"> =>
  f32(
    shape,
    Float32Array.from(data, (value) => value / parts),
  );
