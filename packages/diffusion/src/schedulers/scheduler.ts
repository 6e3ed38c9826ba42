import type { Rng } from "@tandem/core/rng";

export type PredictionType = "epsilon" | "sample" | "v_prediction" | "flow";

/** Where sampling stands. Never changed in place: `step` returns the next one. */
export type SamplingState = {
  /** Descending; what the model is asked at each step. */
  readonly timesteps: readonly number[];
  /** Noise levels at the timesteps and after the last; empty where the scheduler uses ᾱ. */
  readonly sigmas: readonly number[];
  /** Standard deviation of the noise that sampling starts from. */
  readonly initNoiseSigma: number;
  /** Steps already taken. */
  readonly index: number;
  /** Earlier estimates of x_0 that a multistep method goes on using, newest first. */
  readonly history: readonly Float32Array[];
};

export type StepInput = {
  /** The model's answer at `timesteps[index]`. */
  readonly output: Float32Array;
  /** x_t, before `scaleModelInput`. */
  readonly sample: Float32Array;
  /** Needed where the step draws noise: DDPM, LCM, DDIM with η > 0. */
  readonly rng?: Rng;
  /** η of DDIM, 0 (deterministic) to 1; other schedulers have none. */
  readonly eta?: number;
};

export type StepResult = {
  readonly state: SamplingState;
  readonly sample: Float32Array;
  /** The estimate of x_0 that the step used. */
  readonly original: Float32Array;
};

/** Samples and noise of a batch (B, …) with one timestep per sample. */
export type NoisyBatch = {
  readonly sample: Float32Array;
  readonly noise: Float32Array;
  readonly timesteps: ArrayLike<number>;
};

/** A scheduler as in diffusers, over plain arrays and without hidden state. */
export type Scheduler = {
  readonly className: string;
  readonly predictionType: PredictionType;
  readonly trainTimesteps: number;
  setTimesteps(steps: number): SamplingState;
  scaleModelInput(state: SamplingState, sample: Float32Array): Float32Array;
  step(state: SamplingState, input: StepInput): StepResult;
  /** x_t of the forward process, in the coordinates that `step` works in. */
  addNoise(batch: NoisyBatch): Float32Array;
  /** α ε - σ x_0 (arXiv 2202.00512); for flow matching ε - x_0. */
  velocity(batch: NoisyBatch): Float32Array;
  /** What the model learns to answer. */
  target(batch: NoisyBatch): Float32Array;
  /** α and σ of the model's input: α x_0 + σ ε. */
  alphaSigma(timestep: number): readonly [alpha: number, sigma: number];
  /** (α / σ)², for min-SNR weighting (arXiv 2303.09556). */
  snr(timestep: number): number;
};

/** `a(t) x + b(t) y` for each sample of a batch. */
export function mixBatch(
  { x, y, timesteps }: { x: Float32Array; y: Float32Array; timesteps: ArrayLike<number> },
  coefficients: (timestep: number) => readonly [a: number, b: number],
): Float32Array {
  const stride = x.length / timesteps.length;
  if (x.length !== y.length || !Number.isInteger(stride))
    throw new Error(`${x.length} and ${y.length} values for ${timesteps.length} timesteps`);
  const mixed = new Float32Array(x.length);
  for (let row = 0; row < timesteps.length; row++) {
    const [a, b] = coefficients(timesteps[row]);
    for (let i = row * stride; i < (row + 1) * stride; i++) mixed[i] = a * x[i] + b * y[i];
  }
  return mixed;
}

/** `a x + b y` over whole arrays. */
export function mix(a: number, x: Float32Array, b: number, y: Float32Array): Float32Array {
  if (x.length !== y.length) throw new Error(`${x.length} values against ${y.length}`);
  const mixed = new Float32Array(x.length);
  for (let i = 0; i < x.length; i++) mixed[i] = a * x[i] + b * y[i];
  return mixed;
}

export const clamp = (x: Float32Array, range: number): Float32Array =>
  x.map((value) => Math.max(-range, Math.min(range, value)));

export const gaussian = (length: number, rng: Rng | undefined): Float32Array => {
  if (!rng) throw new Error("this step draws noise: give it an rng");
  return Float32Array.from({ length }, () => rng.normal());
};

/** The timestep of the next step; throws when sampling is over. */
export function timestepAt({ timesteps, index }: SamplingState): number {
  if (index >= timesteps.length) throw new Error(`all ${timesteps.length} steps are taken`);
  return timesteps[index];
}

/** x_0 and ε as the model's answer at `alpha`, `sigma` implies them. */
export function estimates(
  predictionType: Exclude<PredictionType, "flow">,
  { output, sample }: StepInput,
  [alpha, sigma]: readonly [number, number],
): { readonly original: Float32Array; readonly noise: () => Float32Array } {
  switch (predictionType) {
    case "epsilon":
      return { original: mix(1 / alpha, sample, -sigma / alpha, output), noise: () => output };
    case "sample":
      return {
        original: output,
        noise: () => mix(1 / sigma, sample, -alpha / sigma, output),
      };
    case "v_prediction":
      return {
        original: mix(alpha, sample, -sigma, output),
        noise: () => mix(alpha, output, sigma, sample),
      };
  }
}
