import { choice, flag, integer, number, type ValuesOf } from "./fields";
import { alphasCumprod, noiseFields, thresholdingFields } from "./noise-levels";
import { clamp, estimates, gaussian, mix, type Scheduler, timestepAt } from "./scheduler";
import { spacedStart, spacing } from "./timesteps";
import { barAt, variancePreserving } from "./variance-preserving";

export const ddpmFields = {
  ...noiseFields,
  ...thresholdingFields,
  variance_type: choice("fixed_small", "fixed_small_log", "fixed_large"),
  clip_sample: flag(true),
  clip_sample_range: number(1, 0, Number.MAX_VALUE),
  steps_offset: integer(0, 0, 1000),
  timestep_spacing: spacing("leading"),
};

/** Denoising diffusion probabilistic models (arXiv 2006.11239). */
export function createDdpm(config: ValuesOf<typeof ddpmFields>): Scheduler {
  const bars = alphasCumprod(config);
  const shared = variancePreserving(config, bars);
  return {
    className: "DDPMScheduler",
    ...shared,
    setTimesteps: spacedStart(config, bars.length),
    scaleModelInput: (_, sample) => sample,
    step(state, input) {
      const timestep = timestepAt(state);
      const previous = state.timesteps[state.index + 1] ?? -1;
      const [bar, previousBar] = [bars[timestep], barAt(bars, previous, 1)];
      const alpha = bar / previousBar;
      const beta = 1 - alpha;
      const found = estimates(shared.predictionType, input, shared.alphaSigma(timestep));
      const original = config.clip_sample
        ? clamp(found.original, config.clip_sample_range)
        : found.original;
      // equation 7
      let sample = mix(
        (Math.sqrt(previousBar) * beta) / (1 - bar),
        original,
        (Math.sqrt(alpha) * (1 - previousBar)) / (1 - bar),
        input.sample,
      );
      if (timestep > 0) {
        const small = Math.max(1e-20, ((1 - previousBar) / (1 - bar)) * beta);
        const variance = config.variance_type === "fixed_large" ? beta : small;
        sample = mix(1, sample, Math.sqrt(variance), gaussian(sample.length, input.rng));
      }
      return { state: { ...state, index: state.index + 1 }, sample, original };
    },
  };
}
