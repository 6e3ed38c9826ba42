import { TandemError } from "./errors";
import type { Arrays, TensorData } from "./tensor";

type Numbers = Pick<TensorData, "dtype" | "data">;

/** The first value that is NaN or infinite, in words; undefined where all are numbers. */
export function notFinite({ dtype, data }: Numbers): string | undefined {
  const told = (index: number, value: number) => `value ${index} of ${data.length} is ${value}`;
  if (dtype === "f32" || dtype === "f64") {
    // x - x is 0 for numbers alone
    for (let i = 0; i < data.length; i++) if (data[i] - data[i] !== 0) return told(i, data[i]);
  } else if (dtype === "f16")
    for (let i = 0; i < data.length; i++)
      if ((data[i] & 0x7c00) === 0x7c00) {
        const infinity = data[i] & 0x8000 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
        return told(i, data[i] & 0x03ff ? Number.NaN : infinity);
      }
  return undefined;
}

/** Throws `bad-data` where `notFinite` finds something: what it is of, and the way out. */
export function checkFinite(what: string, numbers: Numbers | Float32Array, wayOut: string): void {
  const found = notFinite(
    numbers instanceof Float32Array ? { dtype: "f32", data: numbers } : numbers,
  );
  if (found) throw new TandemError("bad-data", `${what}: ${found}; ${wayOut}`);
}

/** The same of each array, by its name. */
export function checkAllFinite(what: string, arrays: Arrays, wayOut: string): void {
  for (const [name, array] of Object.entries(arrays))
    checkFinite(`${what} "${name}"`, array, wayOut);
}
