/** Of independent repetitions, such as the seeds of an experiment. */
export type Sample = {
  readonly count: number;
  readonly mean: number;
  /** With count - 1 in the denominator; undefined for a single value. */
  readonly std: number | undefined;
  /** Of the mean, by Student's t; undefined for a single value. */
  readonly interval: readonly [low: number, high: number] | undefined;
};

/**
 * Mean, sample standard deviation and the t interval of the mean. With a handful of seeds the t
 * interval is honest where a percentile bootstrap is far too narrow. Throws without a value.
 */
export function describeSample(values: readonly number[], confidence = 0.95): Sample {
  const count = values.length;
  if (count === 0) throw new Error("no value to describe");
  const mean = values.reduce((a, b) => a + b, 0) / count;
  if (count === 1) return { count, mean, std: undefined, interval: undefined };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const std = Math.sqrt(squares / (count - 1));
  const half = (studentQuantile(confidence, count - 1) * std) / Math.sqrt(count);
  return { count, mean, std, interval: [mean - half, mean + half] };
}

/** left - right by each key that both have, in the order of `left`: seed by seed, for example. */
export function pairedDifferences<K>(
  left: ReadonlyMap<K, number>,
  right: ReadonlyMap<K, number>,
): readonly number[] {
  return [...left].flatMap(([key, value]) => {
    const other = right.get(key);
    return other === undefined ? [] : [value - other];
  });
}

/** Of values by what they were repeated with, such as the seed; undefined where there is none. */
export const sampleOf = (values: ReadonlyMap<unknown, number>): Sample | undefined =>
  values.size > 0 ? describeSample([...values.values()]) : undefined;

/** Of left - right by each key that both have; undefined where there is none. */
export function sampleOfDifferences<K>(
  left: ReadonlyMap<K, number>,
  right: ReadonlyMap<K, number>,
): Sample | undefined {
  const differences = pairedDifferences(left, right);
  return differences.length > 0 ? describeSample(differences) : undefined;
}

/**
 * left - right of samples that do not pair, with Welch's t interval; undefined where one of them is a
 * single value. Welch and Satterthwaite's degrees of freedom are rounded down, which makes it wider.
 */
export function differenceOfMeans(
  left: Sample,
  right: Sample,
  confidence = 0.95,
): Pick<Sample, "mean" | "interval"> {
  const mean = left.mean - right.mean;
  if (left.std === undefined || right.std === undefined) return { mean, interval: undefined };
  const [a, b] = [left.std ** 2 / left.count, right.std ** 2 / right.count];
  if (a + b === 0) return { mean, interval: [mean, mean] };
  const freedom = (a + b) ** 2 / (a ** 2 / (left.count - 1) + b ** 2 / (right.count - 1));
  const half = studentQuantile(confidence, Math.max(1, Math.floor(freedom))) * Math.sqrt(a + b);
  return { mean, interval: [mean - half, mean + half] };
}

/** The t of which Student's law with `freedom` degrees has `confidence` between -t and t. */
export function studentQuantile(confidence: number, freedom: number): number {
  if (!(confidence > 0 && confidence < 1) || !Number.isInteger(freedom) || freedom < 1)
    throw new Error(`no quantile of ${confidence} with ${freedom} degrees of freedom`);
  // theta = atan(t / sqrt(freedom)) lies between 0 and a right angle, where the share rises.
  let [low, high] = [0, Math.PI / 2];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (shareWithin(middle, freedom) < confidence) low = middle;
    else high = middle;
  }
  return Math.sqrt(freedom) * Math.tan((low + high) / 2);
}

/** P(|T| <= sqrt(freedom) tan theta): Abramowitz & Stegun 26.7.3 (odd) and 26.7.4 (even). */
function shareWithin(theta: number, freedom: number): number {
  const [sin, cos] = [Math.sin(theta), Math.cos(theta)];
  const odd = freedom % 2;
  let [sum, term] = [0, odd ? cos : 1];
  for (let k = odd; k < freedom - 1; k += 2) {
    sum += term;
    term *= ((k + 1) / (k + 2)) * cos * cos;
  }
  return odd ? (2 / Math.PI) * (theta + sin * sum) : sin * sum;
}
