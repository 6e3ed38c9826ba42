import { type Arrays, arrayOf } from "@tandem/core/tensor";
import { schedulerFromConfig } from "./registry";
import { mix } from "./scheduler";

/** A run recorded with diffusers: class, number of steps and config. */
export type RecordedRun = {
  readonly class: string;
  readonly steps: number;
  readonly config: Readonly<Record<string, unknown>>;
};

export type ParityError = {
  readonly name: string;
  /** Largest difference, divided by the largest expected value (by 1 if that is smaller). */
  readonly error: number;
};

/** Repeats recorded trajectories, whose "model" answers 0.7 x + 0.1 sin(t), and the noising. */
export function schedulerParity(
  runs: Readonly<Record<string, RecordedRun>>,
  arrays: Arrays,
): readonly ParityError[] {
  const noise = arrayOf(arrays, "noise", "f32").data;
  const errors = Object.entries(runs).flatMap(([name, run]) => {
    // recorded configs are whole: one without the field is older than it (diffusers 0.26)
    const older = run.class === "DPMSolverMultistepScheduler" && { final_sigmas_type: "sigma_min" };
    const config = { ...older, ...run.config, _class_name: run.class };
    const scheduler = schedulerFromConfig(config);
    let state = scheduler.setTimesteps(run.steps);
    let sample: Float32Array = noise.map((value) => value * state.initNoiseSigma);
    const trajectory = [...sample];
    const asked = state.timesteps;
    for (const t of asked) {
      const bias = 0.1 * Math.sin(t);
      const output = scheduler.scaleModelInput(state, sample).map((x) => 0.7 * x + bias);
      ({ state, sample } = scheduler.step(state, { output, sample }));
      trajectory.push(...sample);
    }
    return [
      compare(`${name}.timesteps`, asked, arrays),
      compare(`${name}.trajectory`, trajectory, arrays),
    ];
  });

  // Stable Diffusion's training noise, on which the forward process was recorded
  const ddpm = schedulerFromConfig({
    _class_name: "DDPMScheduler",
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: "scaled_linear",
  });
  const timesteps = arrayOf(arrays, "ddpm.t", "i32").data;
  const repeat = (name: string) => {
    const { data } = arrayOf(arrays, name, "f32");
    const repeated = new Float32Array(data.length * timesteps.length);
    for (let row = 0; row < timesteps.length; row++) repeated.set(data, row * data.length);
    return repeated;
  };
  const batch = { sample: repeat("x0"), noise: repeat("noise"), timesteps };
  const bars = Array.from({ length: ddpm.trainTimesteps }, (_, t) => ddpm.alphaSigma(t)[0] ** 2);
  return [
    ...errors,
    compare("ddpm.add_noise", ddpm.addNoise(batch), arrays),
    compare("ddpm.velocity", ddpm.velocity(batch), arrays),
    compare("ddpm.alphas_cumprod", bars, arrays),
  ];
}

function compare(name: string, found: ArrayLike<number>, arrays: Arrays): ParityError {
  const { data } = arrayOf(arrays, name, "f32");
  if (found.length !== data.length) return { name, error: Number.POSITIVE_INFINITY };
  const scale = Math.max(1, ...data.map(Math.abs));
  const difference = mix(1, Float32Array.from(found), -1, data);
  // a NaN stays one: it passes no bound
  return { name, error: difference.reduce((most, d) => Math.max(most, Math.abs(d)), 0) / scale };
}
