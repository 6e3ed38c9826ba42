import {
  choice,
  clampedTo,
  type Field,
  flag,
  integer,
  number,
  only,
  type ValuesOf,
  withNearest,
} from "./fields";
import { karrasSigmas, sigmaToTimestep } from "./karras";
import {
  alphasCumprod,
  interpolate,
  linspace,
  noiseFields,
  sigmasOf,
  thresholdingFields,
} from "./noise-levels";
import { estimates, mix, type SamplingState, type Scheduler, timestepAt } from "./scheduler";
import { checkOffset, checkSteps, roundHalfEven, spacing } from "./timesteps";
import { variancePreserving } from "./variance-preserving";

/** Whatever is not learned changes nothing here: it is DDPM's. */
const varianceType: Field<string | null> = {
  fallback: null,
  accepts: (value) => value === null || /^fixed_(small|large)(_log)?$/.test(String(value)),
  wanted: "null",
};

export const dpmSolverFields = {
  ...noiseFields,
  ...thresholdingFields,
  solver_order: clampedTo(3, integer(2, 1, 3)), // UniPC and SA-Solver have higher ones
  // all of them sample the same marginals: those of the SDE along its ODE
  algorithm_type: withNearest(only("dpmsolver++"), {
    deis: "dpmsolver++",
    dpmsolver: "dpmsolver++",
    "sde-dpmsolver": "dpmsolver++",
    "sde-dpmsolver++": "dpmsolver++",
    data_prediction: "dpmsolver++",
    noise_prediction: "dpmsolver++",
  }),
  solver_type: withNearest(choice("midpoint", "heun"), {
    bh1: "midpoint",
    bh2: "midpoint",
    logrho: "midpoint",
  }),
  lower_order_final: flag(true),
  euler_at_final: flag(false),
  use_karras_sigmas: flag(false),
  use_exponential_sigmas: only(false),
  use_beta_sigmas: only(false),
  use_lu_lambdas: only(false),
  use_flow_sigmas: only(false),
  flow_shift: number(1, 0, Number.MAX_VALUE),
  final_sigmas_type: choice("zero", "sigma_min"),
  lambda_min_clipped: number(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 100),
  variance_type: varianceType,
  use_dynamic_shifting: only(false),
  time_shift_type: choice("exponential", "linear"),
  timestep_spacing: spacing("linspace"),
  steps_offset: integer(0, 0, 1000),
};
type Config = ValuesOf<typeof dpmSolverFields>;

/** DPM-Solver++ (2M, 3M), the multistep solver in x_0 of arXiv 2211.01095. */
export function createDpmSolver(config: Config): Scheduler {
  const bars = alphasCumprod(config, 2 ** -24); // λ must be finite
  const shared = variancePreserving(config, bars);
  const trained = sigmasOf(bars);
  // the largest timesteps, whose λ = -log σ lies below the bound, are left out
  const usable = trained.filter((sigma) => -Math.log(sigma) >= config.lambda_min_clipped).length;

  function spaced(steps: number): readonly number[] {
    checkSteps(steps, usable - 1);
    switch (config.timestep_spacing) {
      case "linspace":
        return linspace(usable - 1, 0, steps + 1)
          .slice(0, -1)
          .map(roundHalfEven);
      case "leading": {
        const ratio = Math.floor(usable / (steps + 1));
        const offset = config.steps_offset;
        const spaced = Array.from({ length: steps }, (_, i) => (steps - i) * ratio + offset);
        checkOffset(spaced, offset, bars.length);
        return spaced;
      }
      case "trailing":
        // fewer than `steps` where large timesteps are left out: the stride stays
        return Array.from({ length: steps }, (_, i) => usable - (i * bars.length) / steps)
          .filter((end) => end > 0)
          .map((end) => Math.max(0, roundHalfEven(end) - 1));
    }
  }

  return {
    className: "DPMSolverMultistepScheduler",
    ...shared,
    setTimesteps(steps) {
      let timesteps = spaced(steps);
      let sigmas = timesteps.map((timestep) => interpolate(trained, timestep));
      let last = trained[0];
      if (config.use_karras_sigmas) {
        sigmas = [...karrasSigmas(trained[trained.length - 1], trained[0], steps)];
        // of the cosine's the whole part, as diffusers has it
        const whole = config.beta_schedule === "squaredcos_cap_v2" ? Math.floor : roundHalfEven;
        timesteps = sigmas.map((sigma) => whole(sigmaToTimestep(trained, sigma)));
        last = sigmas[sigmas.length - 1];
      }
      if (config.final_sigmas_type === "zero") last = 0;
      return { timesteps, sigmas: [...sigmas, last], initNoiseSigma: 1, index: 0, history: [] };
    },
    scaleModelInput: (_, sample) => sample,
    step(state, input) {
      timestepAt(state);
      const { sigmas, index, history } = state;
      const at = level(sigmas[index]);
      const to = level(sigmas[index + 1]);
      const { original } = estimates(shared.predictionType, input, [at.alpha, at.sigma]);
      const h = to.lambda - at.lambda;
      const order = Math.min(orderOf(config, state), h > 0 ? config.solver_order : 1);
      const shrink = Math.expm1(-h); // e^-h - 1
      // (4.1): x' = σ'/σ x - α' (e^-h - 1) x_0
      let sample = mix(to.sigma / at.sigma, input.sample, -to.alpha * shrink, original);
      // divided differences in λ over h, from the latest estimates back
      const ratio = (i: number) => (level(sigmas[i + 1]).lambda - level(sigmas[i]).lambda) / h;
      if (order === 2) {
        const r = ratio(index - 1);
        const slope = config.solver_type === "midpoint" ? -shrink / 2 : shrink / h + 1;
        const difference = mix(1 / r, original, -1 / r, history[0]);
        sample = mix(1, sample, to.alpha * slope, difference);
      } else if (order === 3) {
        const [r, s] = [ratio(index - 1), ratio(index - 2)];
        const latest = mix(1 / r, original, -1 / r, history[0]);
        const change = mix(1, latest, -1, mix(1 / s, history[0], -1 / s, history[1]));
        const first = mix(1, latest, r / (r + s), change);
        sample = mix(1, sample, to.alpha * (shrink / h + 1), first);
        // half of what Taylor's series has, as the authors' code and diffusers
        const curve = -to.alpha * ((shrink + h) / h ** 2 - 0.5);
        sample = mix(1, sample, curve / (r + s), change);
      }
      const kept = [original, ...history].slice(0, config.solver_order - 1);
      return { state: { ...state, index: index + 1, history: kept }, sample, original };
    },
  };
}

/** How many estimates a step goes by: fewer at the start, and towards the end as diffusers has it. */
function orderOf(config: Config, { timesteps, index, history }: SamplingState): number {
  const left = timesteps.length - index;
  const isLowered = config.lower_order_final && timesteps.length < 15;
  if (left === 1 && (config.euler_at_final || config.final_sigmas_type === "zero" || isLowered))
    return 1;
  return Math.min(config.solver_order, history.length + 1, left === 2 && isLowered ? 2 : 3);
}

/** α, σ and λ = log(α / σ) in the model's coordinates. */
function level(sigma: number) {
  const alpha = 1 / Math.hypot(1, sigma);
  return { alpha, sigma: sigma * alpha, lambda: -Math.log(sigma) };
}
