import type { Clock } from "./clock";

type Limit = { readonly perSecond: number; readonly burst: number };

/** A token bucket for each key; idle ones are forgotten. */
export function createLimiters(clock: Clock, limit: Limit): (key: string) => boolean {
  const buckets = new Map<string, { readonly take: () => boolean; usedAt: number }>();
  const fullAfterMs = (1000 * limit.burst) / limit.perSecond;
  return (key) => {
    const now = clock.now();
    if (buckets.size > 10_000)
      for (const [other, { usedAt }] of buckets)
        if (now - usedAt > fullAfterMs) buckets.delete(other);
    const bucket = buckets.get(key) ?? { take: createLimiter(clock, limit), usedAt: now };
    buckets.set(key, bucket);
    bucket.usedAt = now;
    return bucket.take();
  };
}

/** A token bucket: whether one more request may be served now. */
export function createLimiter(clock: Clock, limit: Limit): () => boolean {
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
