import { minuteMs } from "@tandem/core/duration";

/** So many a minute of each key: how many seconds are left until one more may be; 0: it is counted. */
export function createMinuteLimit(most: number, now: () => number): (key: string) => number {
  const times = new Map<string, number[]>();
  return (key) => {
    const start = now() - minuteMs;
    if (times.size > 10_000)
      for (const [other, own] of times) if ((own.at(-1) ?? 0) <= start) times.delete(other);
    const recent = (times.get(key) ?? []).filter((time) => time > start);
    if (recent.length >= most) return Math.max(1, Math.ceil((recent[0] - start) / 1000));
    times.set(key, [...recent, now()]);
    return 0;
  };
}
