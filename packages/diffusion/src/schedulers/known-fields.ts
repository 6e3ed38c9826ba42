/**
 * Fields of diffusers' schedulers (0.40) that are of none of the classes here. Published configs carry
 * them along from class to class; a class that does not have a field leaves it aside.
 */
export const foreignFields: ReadonlySet<string> = new Set([
  // PNDM, UniPC, SA-Solver
  "skip_prk_steps",
  "disable_corrector",
  "predict_x0",
  "solver_p",
  "predictor_order",
  "corrector_order",
  "tau_func",
  // SDE, EDM, consistency models, ScoreSDE
  "noise_sampler_seed",
  "sigma_data",
  "sigma_schedule",
  "rho",
  "s_churn",
  "s_max",
  "s_min",
  "s_noise",
  "clip_denoised",
  "snr",
  "sampling_eps",
  "correct_steps",
  "beta_min",
  "beta_max",
  // DDIM inverse, RePaint, Würstchen, CogVideoX, FlowMatchLCM
  "set_alpha_to_zero",
  "eta",
  "scaler",
  "s",
  "snr_shift_scale",
  "scale_factors",
  "upscale_mode",
]);
