import type { Rng } from "@tandem/core/rng";
import { type TensorOf, takeRows } from "@tandem/core/tensor";
import { summarise } from "./clients";

/**
 * What a measure of two sets gives for real against real: mean and deviation over random halves of
 * one set. Most distances grow as sets shrink: compare it with sets of half its size.
 */
export function realFloor(
  real: TensorOf<"f32">,
  measure: (left: TensorOf<"f32">, right: TensorOf<"f32">) => number,
  { rng, repeats = 5 }: { readonly rng: Rng; readonly repeats?: number },
): { readonly mean: number; readonly std: number } {
  const half = Math.floor(real.shape[0] / 2);
  if (half === 0) throw new Error(`${real.shape[0]} rows have no halves`);
  return summarise(
    Array.from({ length: repeats }, () => {
      const order = rng.permutation(real.shape[0]);
      const part = (from: number) => takeRows(real, order.subarray(from, from + half));
      return measure(part(0), part(half));
    }),
  );
}
