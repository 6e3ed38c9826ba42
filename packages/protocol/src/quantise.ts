import { f32, type TensorOf } from "@tandem/core/tensor";
import { fromHalf, toHalf } from "./half";

export type QuantisedRows = {
  /** (N, d). */
  readonly values: TensorOf<"i8">;
  /** (N,), the value of one step in each row. */
  readonly scales: TensorOf<"f16">;
};

/** Rows as int8 with one half-precision scale each; the error is at most half a step. */
export function quantiseRows(rows: TensorOf<"f32">): QuantisedRows {
  const [count, width] = rows.shape;
  const values = new Int8Array(rows.data.length);
  const scales = new Uint16Array(count);
  for (let row = 0; row < count; row++) {
    const source = rows.data.subarray(row * width, (row + 1) * width);
    const peak = source.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    let bits = toHalf(peak / 127);
    if (fromHalf(bits) * 127 < peak) bits += 1; // rounded up, so that the peak still fits
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

export function restoreRows({ values, scales }: QuantisedRows): TensorOf<"f32"> {
  const width = values.shape[1];
  const data = Float32Array.from(
    values.data,
    (value, i) => value * fromHalf(scales.data[Math.floor(i / width)]),
  );
  return f32(values.shape, data);
}
