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
  const bucket = createBucket(clock, limit);
  return () => bucket.take(1);
}

/** One that is asked for many tokens at a time. */
export function createBucket(clock: Clock, { perSecond, burst }: Limit) {
  let tokens = burst;
  let at = clock.now();
  const left = () => {
    const now = clock.now();
    tokens = Math.min(burst, tokens + ((now - at) / 1000) * perSecond);
    at = now;
    return tokens;
  };
  return {
    left,
    /** Whether there were as many; none are taken if not. */
    take(cost: number): boolean {
      if (left() < cost) return false;
      tokens -= cost;
      return true;
    },
  };
}

export type Bucket = ReturnType<typeof createBucket>;
