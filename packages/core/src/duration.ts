export const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000] as const;
const unitMs = { s: 1000, m: minuteMs, h: hourMs, d: dayMs } as const;

/** Milliseconds of `90s`, `30m`, `24h` or `7d`; undefined for anything else, and for nothing. */
export function durationOf(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * unitMs[unit as keyof typeof unitMs];
  return ms > 0 ? ms : undefined;
}
