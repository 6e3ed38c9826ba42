import { TandemError } from "@tandem/core/errors";

export type SampledGaussian = {
  /** Chance of each sample to be in a step, drawn independently (Poisson sampling). */
  readonly samplingRate: number;
  /** σ: standard deviation of the noise over the clipping bound. */
  readonly noiseMultiplier: number;
};

/**
 * Rényi divergence of integer order α >= 2 of one step, for neighbours that differ by one added or
 * removed sample: section 3.3 of Mironov, Talwar & Zhang 2019 (arXiv 1908.10530).
 */
export function renyiOfStep(step: SampledGaussian, order: number): number {
  const { samplingRate: q, noiseMultiplier: sigma } = step;
  if (!(q > 0 && q <= 1))
    throw new TandemError("bad-config", `The sampling rate is ${q}: use one in (0, 1].`);
  if (!(sigma > 0 && Number.isFinite(sigma)))
    throw new TandemError("bad-config", `The noise multiplier is ${sigma}: use a positive number.`);
  if (!(Number.isInteger(order) && order >= 2))
    throw new TandemError("bad-config", `The order is ${order}: use an integer from 2 on.`);
  if (q === 1) return order / (2 * sigma ** 2);
  // log Σ_k C(α, k) (1 - q)^(α - k) q^k exp((k² - k) / 2σ²), term by term without overflow.
  let logBinomial = 0;
  const logTerms = Array.from({ length: order + 1 }, (_, k) => {
    if (k > 0) logBinomial += Math.log(order - k + 1) - Math.log(k);
    const logWeight = (order - k) * Math.log1p(-q) + k * Math.log(q);
    return logBinomial + logWeight + (k * k - k) / (2 * sigma ** 2);
  });
  const peak = Math.max(...logTerms);
  const logSum = peak + Math.log(logTerms.reduce((sum, term) => sum + Math.exp(term - peak), 0));
  return Math.max(0, logSum) / (order - 1);
}

const defaultOrders = Array.from({ length: 511 }, (_, i) => i + 2);

/**
 * The (ε, δ) that `steps` steps spend, by the best of the orders. From Rényi to (ε, δ) by
 * proposition 12 of Canonne, Kamath & Steinke 2020 (arXiv 2004.00010).
 */
export function epsilonOf(
  step: SampledGaussian,
  options: {
    readonly steps: number;
    readonly delta: number;
    readonly orders?: readonly number[];
  },
): { readonly epsilon: number; readonly order: number } {
  const { steps, delta, orders = defaultOrders } = options;
  if (!(Number.isInteger(steps) && steps >= 0))
    throw new TandemError("bad-config", `${steps} steps: use a whole number.`);
  if (!(delta > 0 && delta < 1))
    throw new TandemError("bad-config", `Delta is ${delta}: use one in (0, 1).`);
  if (orders.length === 0) throw new TandemError("bad-config", "No order to choose from.");
  if (steps === 0) return { epsilon: 0, order: orders[0] };
  return orders
    .map((order) => {
      const spent = steps * renyiOfStep(step, order);
      const slack = Math.log1p(-1 / order) - (Math.log(delta) + Math.log(order)) / (order - 1);
      return { epsilon: Math.max(0, spent + slack), order };
    })
    .reduce((best, next) => (next.epsilon < best.epsilon ? next : best));
}
