const units = ["B", "kB", "MB", "GB", "TB"] as const;

/** Decimal units, three digits at most: `1.25 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  let power = Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  let value = bytes / 1000 ** power;
  if (value >= 999.5 && power < units.length - 1) {
    power += 1;
    value /= 1000;
  }
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${units[power]}`;
}

export const formatPercent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** For axes, whose steps are round. */
export const formatWholePercent = (share: number): string => `${Math.round(share * 100)} %`;

export function formatDuration(ms: number): string {
  if (ms >= 1000 * 86_400_000) return "over 1000 days"; // a typing error, such as 1e99 seconds
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return pair(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(seconds / 60);
  return pair(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

const pair = (much: number, unit: string, few: number, smaller: string) =>
  few === 0 ? `${much} ${unit}` : `${much} ${unit} ${few} ${smaller}`;

/** Of epoch milliseconds, UTC: `2026-12-07`. */
export const formatDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Of epoch milliseconds: `2026-12-07 20:13 UTC`. */
export const formatMinute = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** Three significant digits, for quantities without a unit of their own. */
export const formatNumber = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));

/** "a, b or c". */
export const listed = (words: readonly string[], last: "and" | "or"): string =>
  words.length < 2
    ? words.join()
    : `${words.slice(0, -1).join(", ")} ${last} ${words[words.length - 1]}`;

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** What a refusal says after a colon, as a sentence by itself. */
export const asSentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
