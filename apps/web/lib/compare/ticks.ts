/** A linear or logarithmic scale over values, and where it has its ticks. */
export type Scale = {
  readonly ticks: readonly number[];
  /** Where the value lies between both ends, 0-1. */
  readonly at: (value: number) => number;
};

/** Values over 20 times as large as others are on a logarithmic scale. Throws without a value. */
export function scaleOf(values: readonly number[], { mayBeLog = false } = {}): Scale {
  if (values.length === 0) throw new Error("no value to scale");
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return mayBeLog && low > 0 && high > 20 * low ? logarithmic(low, high) : linear(low, high);
}

function linear(low: number, high: number): Scale {
  const span = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = [1, 2, 5, 10].map((times) => times * power).find((one) => span / one <= 5) ?? power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  const [from, to] = [ticks[0], ticks[ticks.length - 1]];
  return { ticks, at: (value) => (value - from) / (to - from) };
}

function logarithmic(low: number, high: number): Scale {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
  return { ticks, at: (value) => (Math.log10(value) - first) / (last - first) };
}
