import { choice, flag, integer, number, only, type ValuesOf } from "./fields";
import { karrasSigmas, sigmaToTimestep } from "./karras";
import { alphasCumprod, interpolate, linspace, noiseFields, sigmasOf } from "./noise-levels";
import { estimates, mix, type Scheduler, timestepAt } from "./scheduler";
import { checkSteps, roundHalfEven, spacing } from "./timesteps";
import { variancePreserving } from "./variance-preserving";

export const dpmSolverFields = {
  ...noiseFields,
  solver_order: integer(2, 1, 2),
  algorithm_type: only("dpmsolver++"),
  solver_type: choice("midpoint", "heun"),
  lower_order_final: flag(true),
  euler_at_final: flag(false),
  use_karras_sigmas: flag(false),
  use_exponential_sigmas: only(false),
  use_beta_sigmas: only(false),
  use_lu_lambdas: only(false),
  use_flow_sigmas: only(false),
  flow_shift: number(1, 0, Number.MAX_VALUE),
  // absent means "sigma_min", as before the field existed (diffusers 0.26)
  final_sigmas_type: choice("sigma_min", "zero"),
  lambda_min_clipped: number(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 100),
  variance_type: only(null),
  timestep_spacing: spacing("linspace"),
  steps_offset: integer(0, 0, 1000),
};
type Config = ValuesOf<typeof dpmSolverFields>;

/** DPM-Solver++ (2M), the multistep solver in x_0 of arXiv 2211.01095. */
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
        return Array.from({ length: steps }, (_, i) => (steps - i) * ratio + config.steps_offset);
      }
      case "trailing":
        return Array.from(
          { length: steps },
          (_, i) => roundHalfEven(usable - (i * bars.length) / steps) - 1,
        );
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
        timesteps = sigmas.map((sigma) => roundHalfEven(sigmaToTimestep(trained, sigma)));
        last = sigmas[sigmas.length - 1];
      }
      if (config.final_sigmas_type === "zero") last = 0;
      return { timesteps, sigmas: [...sigmas, last], initNoiseSigma: 1, index: 0, history: [] };
    },
    scaleModelInput: (_, sample) => sample,
    step(state, input) {
      timestepAt(state);
      const { sigmas, index, history, timesteps } = state;
      const at = level(sigmas[index]);
      const to = level(sigmas[index + 1]);
      const { original } = estimates(shared.predictionType, input, [at.alpha, at.sigma]);
      const final = index === timesteps.length - 1;
      const firstOrder =
        config.solver_order === 1 ||
        history.length === 0 ||
        (final &&
          (config.euler_at_final ||
            config.final_sigmas_type === "zero" ||
            (config.lower_order_final && timesteps.length < 15)));
      const h = to.lambda - at.lambda;
      const shrink = Math.expm1(-h); // e^-h - 1
      // (4.1): x' = σ'/σ x - α' (e^-h - 1) x_0
      let sample = mix(to.sigma / at.sigma, input.sample, -to.alpha * shrink, original);
      if (!firstOrder) {
        const r = (at.lambda - level(sigmas[index - 1]).lambda) / h;
        const slope = config.solver_type === "midpoint" ? -shrink / 2 : shrink / h + 1;
        const difference = mix(1 / r, original, -1 / r, history[0]);
        sample = mix(1, sample, to.alpha * slope, difference);
      }
      return { state: { ...state, index: index + 1, history: [original] }, sample, original };
    },
  };
}

/** α, σ and λ = log(α / σ) in the model's coordinates. */
function level(sigma: number) {
  const alpha = 1 / Math.hypot(1, sigma);
  return { alpha, sigma: sigma * alpha, lambda: -Math.log(sigma) };
}
