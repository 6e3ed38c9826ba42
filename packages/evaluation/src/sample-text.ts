import type { Sample } from "./statistics";

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
