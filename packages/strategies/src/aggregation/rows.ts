import { type Arrays, arrayOf, f32, type TensorOf } from "@tandem/core/tensor";
import type { Rows } from "./weighted-answers";

export function rowsOf(arrays: Arrays, name: string): Rows {
  const { shape, data } = arrayOf(arrays, name, "f32");
  return Array.from({ length: shape[0] }, (_, i) =>
    data.subarray(i * shape[1], (i + 1) * shape[1]),
  );
}

export const matrix = (rows: Rows): TensorOf<"f32"> =>
  f32(
    [rows.length, rows[0].length],
    rows.flatMap((row) => Array.from(row)),
  );
