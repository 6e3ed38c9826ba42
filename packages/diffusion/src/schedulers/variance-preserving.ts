import { interpolate, type NoiseConfig, sigmasOf } from "./noise-levels";
import { mixBatch, type NoisyBatch, type Scheduler } from "./scheduler";

/** The parts that all schedulers on a table of ᾱ share: x_t = √ᾱ x_0 + √(1 - ᾱ) ε. */
export function variancePreserving(config: NoiseConfig, bars: Float64Array) {
  const predictionType = config.prediction_type;
  const sigmas = sigmasOf(bars);
  const alphaSigma: Scheduler["alphaSigma"] = (timestep) => {
    if (Number.isInteger(timestep) && timestep >= 0 && timestep < bars.length)
      return [Math.sqrt(bars[timestep]), Math.sqrt(1 - bars[timestep])];
    const sigma = interpolate(sigmas, timestep);
    return [1 / Math.hypot(1, sigma), sigma / Math.hypot(1, sigma)];
  };
  const addNoise = ({ sample, noise, timesteps }: NoisyBatch) =>
    mixBatch({ x: sample, y: noise, timesteps }, alphaSigma);
  const velocity = ({ sample, noise, timesteps }: NoisyBatch) =>
    mixBatch({ x: sample, y: noise, timesteps }, (t) => {
      const [alpha, sigma] = alphaSigma(t);
      return [-sigma, alpha];
    });
  return {
    predictionType,
    trainTimesteps: bars.length,
    alphaSigma,
    addNoise,
    velocity,
    target: (batch: NoisyBatch) => {
      switch (predictionType) {
        case "epsilon":
          return batch.noise;
        case "sample":
          return batch.sample;
        case "v_prediction":
          return velocity(batch);
      }
    },
    snr: (timestep: number) => {
      const [alpha, sigma] = alphaSigma(timestep);
      return (alpha / sigma) ** 2;
    },
  };
}

/** ᾱ of a timestep, and `final` before the first one. */
export const barAt = (bars: Float64Array, timestep: number, final: number): number =>
  timestep >= 0 ? bars[timestep] : final;
