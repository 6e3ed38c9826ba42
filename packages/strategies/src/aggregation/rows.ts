import { type Arrays, arrayOf, f32, type TensorOf } from "@tandem/core/tensor";

/** Rows of a matrix; row i belongs to synthetic sample i. */
export type Rows = readonly ArrayLike<number>[];

/** The same in one piece, (N, w): of thousands of clients, whose rows would be millions of objects. */
export type Table = Pick<TensorOf<"f32"> | TensorOf<"f64">, "shape" | "data">;

/** Row i (w,), a view. */
export const rowAt = ({ shape: [, width], data }: Table, i: number): Float32Array | Float64Array =>
  data.subarray(i * width, (i + 1) * width);

/** The array (N, w) as N rows (w,), views of its data; throws unless it is there in f32. */
export function rowsOf(arrays: Arrays, name: string): Rows {
  const { shape, data } = arrayOf(arrays, name, "f32");
  return Array.from({ length: shape[0] }, (_, i) =>
    data.subarray(i * shape[1], (i + 1) * shape[1]),
  );
}

/** N rows (w,), at least one, as an array (N, w). */
export const matrix = (rows: Rows): TensorOf<"f32"> =>
  f32(
    [rows.length, rows[0].length],
    rows.flatMap((row) => Array.from(row)),
  );

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** (w,) -> (w,) of length 1; zeros stay. */
export function normalise(row: ArrayLike<number>): Float64Array {
  const norm = Math.sqrt(dot(row, row)) || 1;
  return Float64Array.from(row, (value) => value / norm);
}

export function logSumExp(values: ArrayLike<number>): number {
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) max = Math.max(max, values[i]);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i] - max);
  return max + Math.log(sum);
}

/** Logits (C,) -> probabilities (C,). */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const total = logSumExp(logits);
  return Float64Array.from(logits, (o) => Math.exp(o - total));
}

/** H of a distribution (C,), in nats. */
export const entropy = (row: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < row.length; i++) if (row[i] > 0) sum -= row[i] * Math.log(row[i]);
  return sum;
};

/** p^{1/T}, normalised: (C,) -> (C,). */
export function sharpen(row: ArrayLike<number>, temperature: number): Float64Array {
  const powered = Float64Array.from(row, (p) => p ** (1 / temperature));
  const total = powered.reduce((a, b) => a + b, 0);
  return powered.map((p) => p / total);
}

/** Index of the largest value, the first one of equals. */
export function argMax(row: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if (row[i] > row[best]) best = i;
  return best;
}

/** Sums from the first to the last, so that the bits are always the same; NaN of none. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
