import { choice, integer, number, only, type ValuesOf } from "./fields";
import { linspace } from "./noise-levels";
import { mix, mixBatch, type NoisyBatch, type Scheduler, timestepAt } from "./scheduler";
import { checkSteps } from "./timesteps";

export const flowMatchFields = {
  num_train_timesteps: integer(1000, 1, 100_000),
  shift: number(1, 1e-3, 1000),
  use_dynamic_shifting: only(false),
  shift_terminal: only(null),
  use_karras_sigmas: only(false),
  use_exponential_sigmas: only(false),
  use_beta_sigmas: only(false),
  invert_sigmas: only(false),
  stochastic_sampling: only(false),
  time_shift_type: choice("exponential", "linear"),
  base_shift: number(0.5, 0, 1000),
  max_shift: number(1.15, 0, 1000),
  base_image_seq_len: integer(256, 1, 2 ** 31),
  max_image_seq_len: integer(4096, 1, 2 ** 31),
};

/** Euler's method along x_σ = (1 - σ) x_0 + σ ε, t = σ T (arXiv 2403.03206). */
export function createFlowMatchEuler(config: ValuesOf<typeof flowMatchFields>): Scheduler {
  const { num_train_timesteps: trainTimesteps, shift } = config;
  const shifted = (sigma: number) => (shift * sigma) / (1 + (shift - 1) * sigma);
  const alphaSigma = (timestep: number) =>
    [1 - timestep / trainTimesteps, timestep / trainTimesteps] as const;
  const velocity = ({ sample, noise, timesteps }: NoisyBatch) =>
    mixBatch({ x: sample, y: noise, timesteps }, () => [-1, 1]);
  return {
    className: "FlowMatchEulerDiscreteScheduler",
    predictionType: "flow",
    trainTimesteps,
    setTimesteps(steps) {
      checkSteps(steps, trainTimesteps);
      // diffusers shifts the smallest level once before and all levels once after the spacing
      const sigmas = linspace(1, shifted(1 / trainTimesteps), steps).map(shifted);
      const timesteps = sigmas.map((sigma) => sigma * trainTimesteps);
      return { timesteps, sigmas: [...sigmas, 0], initNoiseSigma: 1, index: 0, history: [] };
    },
    scaleModelInput: (_, sample) => sample,
    step(state, { output, sample }) {
      timestepAt(state);
      const [sigma, next] = [state.sigmas[state.index], state.sigmas[state.index + 1]];
      return {
        state: { ...state, index: state.index + 1 },
        sample: mix(1, sample, next - sigma, output),
        original: mix(1, sample, -sigma, output),
      };
    },
    addNoise: ({ sample, noise, timesteps }) =>
      mixBatch({ x: sample, y: noise, timesteps }, alphaSigma),
    velocity,
    target: velocity,
    alphaSigma,
    snr: (timestep) => {
      const [alpha, sigma] = alphaSigma(timestep);
      return (alpha / sigma) ** 2;
    },
  };
}
