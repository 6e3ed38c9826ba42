import { TandemError } from "@tandem/core/errors";
import { flag, integer, number, type ValuesOf } from "./fields";
import { alphasCumprod, noiseFields, thresholdingFields } from "./noise-levels";
import { clamp, estimates, gaussian, mix, type Scheduler, timestepAt } from "./scheduler";
import { checkSteps, spacing } from "./timesteps";
import { variancePreserving } from "./variance-preserving";

export const lcmFields = {
  ...noiseFields,
  ...thresholdingFields,
  beta_start: number(0.00085, 1e-9, 0.999),
  beta_end: number(0.012, 1e-9, 0.999),
  beta_schedule: { ...noiseFields.beta_schedule, fallback: "scaled_linear" as const },
  original_inference_steps: integer(50, 1, 1000),
  timestep_scaling: number(10, 0, Number.MAX_VALUE),
  clip_sample: flag(false),
  clip_sample_range: number(1, 0, Number.MAX_VALUE),
  set_alpha_to_one: flag(true),
  steps_offset: integer(0, 0, 1000),
  timestep_spacing: spacing("leading"),
};

const sigmaData = 0.5;

/** Multistep consistency sampling with a latent consistency model (arXiv 2310.04378). */
export function createLcm(config: ValuesOf<typeof lcmFields>): Scheduler {
  const bars = alphasCumprod(config);
  const shared = variancePreserving(config, bars);
  const taught = config.original_inference_steps;
  const stride = Math.floor(bars.length / taught);
  if (stride < 1)
    throw new TandemError(
      "bad-config",
      `original_inference_steps = ${taught} exceeds num_train_timesteps = ${bars.length}`,
    );
  return {
    className: "LCMScheduler",
    ...shared,
    setTimesteps(steps) {
      checkSteps(steps, taught);
      // evenly among the timesteps that the distillation has visited
      const timesteps = Array.from(
        { length: steps },
        (_, i) => (taught - Math.floor((i * taught) / steps)) * stride - 1,
      );
      return { timesteps, sigmas: [], initNoiseSigma: 1, index: 0, history: [] };
    },
    scaleModelInput: (_, sample) => sample,
    step(state, input) {
      const timestep = timestepAt(state);
      const found = estimates(shared.predictionType, input, shared.alphaSigma(timestep));
      const original = config.clip_sample
        ? clamp(found.original, config.clip_sample_range)
        : found.original;
      // the boundary condition f(x, 0) = x of arXiv 2303.01469
      const scaled = timestep * config.timestep_scaling;
      const skip = sigmaData ** 2 / (scaled ** 2 + sigmaData ** 2);
      const out = scaled / Math.hypot(scaled, sigmaData);
      const denoised = mix(out, original, skip, input.sample);
      const next = { ...state, index: state.index + 1 };
      if (next.index === state.timesteps.length) return { state: next, sample: denoised, original };
      const [alpha, sigma] = shared.alphaSigma(state.timesteps[next.index]);
      const noise = gaussian(denoised.length, input.rng);
      return { state: next, sample: mix(alpha, denoised, sigma, noise), original };
    },
  };
}
