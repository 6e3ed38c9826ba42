import { flag, integer, number, type ValuesOf } from "./fields";
import { alphasCumprod, noiseFields, thresholdingFields } from "./noise-levels";
import { clamp, estimates, gaussian, mix, type Scheduler, timestepAt } from "./scheduler";
import { spacedStart, spacing } from "./timesteps";
import { barAt, variancePreserving } from "./variance-preserving";

export const ddimFields = {
  ...noiseFields,
  ...thresholdingFields,
  clip_sample: flag(true),
  clip_sample_range: number(1, 0, Number.MAX_VALUE),
  set_alpha_to_one: flag(true),
  steps_offset: integer(0, 0, 1000),
  timestep_spacing: spacing("leading"),
};

/** Denoising diffusion implicit models (arXiv 2010.02502); η = 1 is as noisy as DDPM. */
export function createDdim(config: ValuesOf<typeof ddimFields>): Scheduler {
  const bars = alphasCumprod(config);
  const final = config.set_alpha_to_one ? 1 : bars[0];
  const shared = variancePreserving(config, bars);
  return {
    className: "DDIMScheduler",
    ...shared,
    setTimesteps: spacedStart(config, bars.length),
    scaleModelInput: (_, sample) => sample,
    step(state, input) {
      const timestep = timestepAt(state);
      // diffusers steps back by T / steps whatever the spacing of the timesteps is
      const previous = timestep - Math.floor(bars.length / state.timesteps.length);
      const [bar, previousBar] = [bars[timestep], barAt(bars, previous, final)];
      const found = estimates(shared.predictionType, input, shared.alphaSigma(timestep));
      const original = config.clip_sample
        ? clamp(found.original, config.clip_sample_range)
        : found.original;
      const eta = input.eta ?? 0;
      // equation 16
      const variance = ((1 - previousBar) / (1 - bar)) * (1 - bar / previousBar);
      const deviation = eta * Math.sqrt(variance);
      // equation 12
      const direction = Math.sqrt(Math.max(0, 1 - previousBar - deviation ** 2));
      let sample = mix(Math.sqrt(previousBar), original, direction, found.noise());
      if (eta > 0) sample = mix(1, sample, deviation, gaussian(sample.length, input.rng));
      return { state: { ...state, index: state.index + 1 }, sample, original };
    },
  };
}
