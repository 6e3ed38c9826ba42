import type { Clock } from "./clock";

/** A token bucket: whether one more request may be served now. */
export function createLimiter(
  clock: Clock,
  limit: { readonly perSecond: number; readonly burst: number },
): () => boolean {
  let tokens = limit.burst;
  let at = clock.now();
  return () => {
    const now = clock.now();
    tokens = Math.min(limit.burst, tokens + ((now - at) / 1000) * limit.perSecond);
    at = now;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
}
