import { TandemError } from "@tandem/core/errors";
import type { Rng } from "@tandem/core/rng";
import { f32, type TensorOf } from "@tandem/core/tensor";

export type FloatArrays = Readonly<Record<string, TensorOf<"f32">>>;

/** L2 norm of all values of all arrays together. */
export function globalNorm(arrays: FloatArrays): number {
  let sum = 0;
  for (const { data } of Object.values(arrays)) for (const value of data) sum += value * value;
  return Math.sqrt(sum);
}

/** Scaled down to a global L2 norm of at most `bound`. Throws `bad-data` unless all are finite. */
export function clipToNorm(arrays: FloatArrays, bound: number): FloatArrays {
  requirePositive("clipping bound", bound);
  const norm = globalNorm(arrays);
  if (!Number.isFinite(norm))
    throw new TandemError("bad-data", `Norm is ${norm}: no clipping bounds such an update.`);
  if (norm <= bound) return arrays;
  // A hair below the bound, so that rounding to f32 cannot lift the norm above it.
  const scale = (bound / norm) * (1 - 2 ** -22);
  return mapValues(arrays, (value) => value * scale);
}

/**
 * Adds N(0, (noiseMultiplier * bound)²) to every value (Dwork & Roth 2014, appendix A). Each name
 * has its own stream, so the order of the arrays does not matter. It hides a contribution of norm
 * `bound` only from those who do not know the seed; sfc32 is not a cryptographic generator.
 */
export function addGaussianNoise(
  arrays: FloatArrays,
  options: { readonly bound: number; readonly noiseMultiplier: number; readonly rng: Rng },
): FloatArrays {
  const { bound, noiseMultiplier, rng } = options;
  requirePositive("clipping bound", bound);
  requirePositive("noise multiplier", noiseMultiplier);
  const deviation = noiseMultiplier * bound;
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => {
      const own = rng.fork(name);
      return [
        name,
        f32(
          shape,
          data.map((value) => value + deviation * own.normal()),
        ),
      ];
    }),
  );
}

function mapValues(arrays: FloatArrays, change: (value: number) => number): FloatArrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, f32(shape, data.map(change))]),
  );
}

function requirePositive(what: string, value: number) {
  if (!(value > 0 && Number.isFinite(value)))
    throw new TandemError("bad-config", `The ${what} is ${value}: use a positive number.`);
}
