import { linspace } from "./noise-levels";

/** Equation 5 of arXiv 2206.00364 with ρ = 7: `steps` levels from `max` down to `min`. */
export const karrasSigmas = (max: number, min: number, steps: number): readonly number[] =>
  linspace(0, 1, steps).map((ramp) => {
    const [high, low] = [max ** (1 / 7), min ** (1 / 7)];
    return (high + ramp * (low - high)) ** 7;
  });

/** The timestep whose level is `sigma`, interpolated in log σ between the trained ones. */
export function sigmaToTimestep(sigmas: Float64Array, sigma: number): number {
  if (sigmas.length === 1) return 0;
  const wanted = Math.log(Math.max(sigma, 1e-10));
  let low = 0;
  while (low < sigmas.length - 2 && Math.log(sigmas[low + 1]) <= wanted) low++;
  const [below, above] = [Math.log(sigmas[low]), Math.log(sigmas[low + 1])];
  const share = Math.max(0, Math.min(1, (below - wanted) / (below - above)));
  return low + share;
}
