/** Mean and population standard deviation. */
export function summarise(values: readonly number[]): {
  readonly mean: number;
  readonly std: number;
} {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(variance) };
}
