import { TandemError, unreachable } from "@tandem/core/errors";
import { choice } from "./fields";
import { linspace } from "./noise-levels";
import type { SamplingState } from "./scheduler";

export type Spacing = "leading" | "trailing" | "linspace";
export const spacing = (fallback: Spacing) =>
  choice<Spacing>(fallback, "leading", "trailing", "linspace");

/** NumPy's rounding: halves go to the even neighbour. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

export function checkSteps(steps: number, most: number): void {
  if (!Number.isInteger(steps) || steps < 1 || steps > most)
    throw new TandemError(
      "bad-config",
      `${steps} sampling steps: use a whole number, 1 to ${most}`,
    );
}

/** Throws `bad-config` where the largest of `leading` timesteps was never trained. */
export function checkOffset(spaced: readonly number[], offset: number, trainTimesteps: number) {
  if (spaced[0] >= trainTimesteps)
    throw new TandemError(
      "bad-config",
      `steps_offset = ${offset} with ${spaced.length} steps passes timestep ${trainTimesteps - 1}: take fewer steps`,
    );
}

/** Descending timesteps, as table 2 of arXiv 2305.08891 names the three ways. */
export function spacedTimesteps(options: {
  readonly spacing: Spacing;
  readonly steps: number;
  readonly trainTimesteps: number;
  readonly offset: number;
}): readonly number[] {
  const { steps, trainTimesteps, offset } = options;
  checkSteps(steps, trainTimesteps);
  switch (options.spacing) {
    case "linspace":
      return linspace(trainTimesteps - 1, 0, steps).map(roundHalfEven);
    case "leading": {
      const ratio = Math.floor(trainTimesteps / steps);
      const spaced = Array.from({ length: steps }, (_, i) => (steps - 1 - i) * ratio + offset);
      checkOffset(spaced, offset, trainTimesteps);
      return spaced;
    }
    case "trailing":
      return Array.from(
        { length: steps },
        (_, i) => roundHalfEven(trainTimesteps - (i * trainTimesteps) / steps) - 1,
      );
    default:
      return unreachable(options.spacing);
  }
}

/** `setTimesteps` of the schedulers that step on a table of ᾱ and need no σ. */
export const spacedStart =
  (
    config: { readonly timestep_spacing: Spacing; readonly steps_offset: number },
    trainTimesteps: number,
  ) =>
  (steps: number): SamplingState => ({
    timesteps: spacedTimesteps({
      spacing: config.timestep_spacing,
      steps,
      trainTimesteps,
      offset: config.steps_offset,
    }),
    sigmas: [],
    initNoiseSigma: 1,
    index: 0,
    history: [],
  });
