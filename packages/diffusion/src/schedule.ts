/** Cosine schedule in continuous time: x_t = α x_0 + σ ε with α = cos(πt/2), σ = sin(πt/2). */
export const alphaSigma = (t: number): readonly [alpha: number, sigma: number] => [
  Math.cos((Math.PI * t) / 2),
  Math.sin((Math.PI * t) / 2),
];

/** v = α ε - σ x_0 (arXiv 2202.00512). */
export function velocity(x0: number, noise: number, t: number): number {
  const [alpha, sigma] = alphaSigma(t);
  return alpha * noise - sigma * x0;
}

/** `steps` times from almost 1 down; the step after the last is 0. */
export const ddimTimes = (steps: number): readonly number[] =>
  Array.from({ length: steps }, (_, i) => (1 - i / steps) * 0.999);

/** One DDIM step with η = 0 (arXiv 2010.02502), in place; x_0 is kept inside [-1, 1]. */
export function ddimStep(x: Float32Array, v: Float32Array, t: number, next: number): void {
  const [alpha, sigma] = alphaSigma(t);
  const [nextAlpha, nextSigma] = alphaSigma(next);
  for (let i = 0; i < x.length; i++) {
    const x0 = Math.max(-1, Math.min(1, alpha * x[i] - sigma * v[i]));
    const noise = (x[i] - alpha * x0) / sigma;
    x[i] = nextAlpha * x0 + nextSigma * noise;
  }
}

/** Sinusoids of t in [0, 1]: (B, width), row-major. */
export function timeFeatures(times: readonly number[], width: number): Float32Array {
  const half = width / 2;
  const out = new Float32Array(times.length * width);
  times.forEach((t, row) => {
    for (let i = 0; i < half; i++) {
      const angle = t * 1000 * 10_000 ** (-i / half);
      out[row * width + i] = Math.cos(angle);
      out[row * width + half + i] = Math.sin(angle);
    }
  });
  return out;
}
