import { flag, integer, only, type ValuesOf } from "./fields";
import { karrasSigmas, sigmaToTimestep } from "./karras";
import { alphasCumprod, interpolate, linspace, noiseFields, sigmasOf } from "./noise-levels";
import { estimates, mix, mixBatch, type Scheduler, timestepAt } from "./scheduler";
import { checkSteps, spacedTimesteps, spacing } from "./timesteps";
import { variancePreserving } from "./variance-preserving";

export const eulerFields = {
  ...noiseFields,
  steps_offset: integer(0, 0, 1000),
  timestep_spacing: spacing("linspace"),
  use_karras_sigmas: flag(false),
  use_exponential_sigmas: only(false),
  use_beta_sigmas: only(false),
  interpolation_type: only("linear"),
  timestep_type: only("discrete"),
  final_sigmas_type: only("zero"),
  sigma_min: only(null),
  sigma_max: only(null),
};

/** Euler's method in variance-exploding coordinates x̂ = x_0 + σ ε (arXiv 2206.00364). */
export function createEuler(config: ValuesOf<typeof eulerFields>): Scheduler {
  const bars = alphasCumprod(config, 2 ** -24); // a finite last σ, as diffusers has it
  const shared = variancePreserving(config, bars);
  const trained = sigmasOf(bars);
  const spaced = (steps: number): readonly number[] => {
    checkSteps(steps, bars.length);
    // unlike the other schedulers diffusers does not round these
    if (config.timestep_spacing === "linspace") return linspace(bars.length - 1, 0, steps);
    return spacedTimesteps({
      spacing: config.timestep_spacing,
      steps,
      trainTimesteps: bars.length,
      offset: config.steps_offset,
    });
  };
  return {
    className: "EulerDiscreteScheduler",
    ...shared,
    setTimesteps(steps) {
      let timesteps = spaced(steps);
      let sigmas = timesteps.map((timestep) => interpolate(trained, timestep));
      if (config.use_karras_sigmas) {
        sigmas = [...karrasSigmas(sigmas[0], sigmas[sigmas.length - 1], steps)];
        timesteps = sigmas.map((sigma) => sigmaToTimestep(trained, sigma));
      }
      const initNoiseSigma =
        config.timestep_spacing === "leading" ? Math.hypot(1, sigmas[0]) : sigmas[0];
      return { timesteps, sigmas: [...sigmas, 0], initNoiseSigma, index: 0, history: [] };
    },
    scaleModelInput({ sigmas, index }, sample) {
      const scale = 1 / Math.hypot(1, sigmas[index]);
      return sample.map((value) => value * scale);
    },
    step(state, { output, sample }) {
      timestepAt(state);
      const [sigma, next] = [state.sigmas[state.index], state.sigmas[state.index + 1]];
      const length = Math.hypot(1, sigma);
      // x̂ = √(1 + σ²) x_t, so that in the model's coordinates α = 1 / √(1 + σ²)
      const scaled = sample.map((value) => value / length);
      const input = { output, sample: scaled };
      const { original } = estimates(shared.predictionType, input, [1 / length, sigma / length]);
      // x̂ + (σ' - σ) (x̂ - x_0) / σ
      const moved = mix(next / sigma, sample, 1 - next / sigma, original);
      return { state: { ...state, index: state.index + 1 }, sample: moved, original };
    },
    addNoise: ({ sample, noise, timesteps }) =>
      mixBatch({ x: sample, y: noise, timesteps }, (t) => [1, interpolate(trained, t)]),
  };
}
