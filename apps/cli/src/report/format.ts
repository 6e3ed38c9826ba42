import type { Sample } from "@tandem/evaluation/statistics";

/** Where there is nothing to say. */
export const none = "–";
export const oneDecimal = (value: number) => value.toFixed(1).replace("-", "−");
export const hundredth = (value: number) => value.toFixed(2);
export const hundredfold = (value: number) => oneDecimal(100 * value);
export const signed = (value: number) => `${value < 0 ? "−" : "+"}${hundredfold(Math.abs(value))}`;

export const mean = (sample: Sample | undefined, format: (value: number) => string) =>
  sample ? format(sample.mean) : none;
export const spread = (sample: Sample | undefined, format: (value: number) => string) =>
  !sample
    ? none
    : sample.std === undefined
      ? format(sample.mean)
      : `${format(sample.mean)} ± ${format(sample.std)}`;

/** `45.1 ± 1.2 (42.0 to 48.2)`, of shares, in per cent. */
export function share(sample: Sample | undefined, format = hundredfold): string {
  if (!sample) return none;
  const { mean: centre, std, interval } = sample;
  if (std === undefined || !interval) return format(centre);
  const [low, high] = interval.map(format);
  return `${format(centre)} ± ${hundredfold(std)} (${low} to ${high})`;
}

/** Columns as wide as their longest cell, as the formatter has them; all but the first to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((row) => row[i].length)));
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const padded = (cells: readonly string[]) =>
    line(cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))));
  const rule = widths.map((width, i) =>
    i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return `${[padded(head), line(rule), ...rows.map(padded)].join("\n")}\n`;
}
