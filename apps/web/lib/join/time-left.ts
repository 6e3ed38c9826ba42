/** How far something was at a time, 0-1. */
export type Mark = { readonly at: number; readonly fraction: number };

/** Milliseconds until it is done, at the pace since `from`; undefined while that tells too little. */
export function timeLeft(from: Mark, now: Mark): number | undefined {
  const [took, done] = [now.at - from.at, now.fraction - from.fraction];
  if (took < 1000 || done < 0.05) return undefined;
  return (took / done) * (1 - now.fraction);
}

/** In steps that do not flicker, in milliseconds. */
export function roughly(ms: number): number {
  const step = ms < 20_000 ? 1000 : ms < 120_000 ? 10_000 : 60_000;
  return Math.max(1000, Math.round(ms / step) * step);
}
