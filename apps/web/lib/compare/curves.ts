import { describeSample } from "@tandem/evaluation/statistics";
import type { Moment } from "./courses";
import type { Axis } from "./query";

/** Of an arm after one round. */
export type Point = {
  readonly round: number;
  /** On the axis: the mean over the seeds. */
  readonly x: number;
  readonly mean: number;
  /** As measured, where `mean` is smoothed. */
  readonly raw: number;
  /** Seeds that it is the mean of. */
  readonly n: number;
  /** 95 % of the mean by Student's t; absent for one seed. */
  readonly interval?: readonly [low: number, high: number];
};

/**
 * Exponential moving average that begins with the first value, as TensorBoard draws it: `weight` is the
 * share of the past, 0-1, and sums are divided by the weights that they hold. Gaps stay.
 */
export function smoothed(
  values: readonly (number | undefined)[],
  weight: number,
): readonly (number | undefined)[] {
  let [sum, weights] = [0, 0];
  return values.map((value) => {
    if (value === undefined) return undefined;
    sum = weight * sum + (1 - weight) * value;
    weights = weight * weights + (1 - weight);
    return sum / weights;
  });
}

/** A metric over the seeds of an arm, in the rounds in which all have it that have it at all. */
export function curveOf(
  courses: readonly (readonly Moment[])[],
  options: { readonly metric: string; readonly axis: Axis; readonly smoothing: number },
): readonly Point[] {
  const { metric, axis, smoothing } = options;
  const byRound = new Map<number, Value[]>();
  let seeds = 0;
  for (const course of courses) {
    const raws = course.map(({ metrics }): number | undefined => metrics[metric]);
    const values = smoothed(raws, smoothing);
    if (raws.some((raw) => raw !== undefined)) seeds++;
    for (const [i, moment] of course.entries()) {
      const [value, raw] = [values[i], raws[i]];
      if (value === undefined || raw === undefined) continue;
      const x = axis === "round" ? moment.round : axis === "bytes" ? moment.bytes : moment.ms;
      byRound.set(moment.round, [...(byRound.get(moment.round) ?? []), { x, value, raw }]);
    }
  }
  return [...byRound]
    .filter(([, values]) => values.length === seeds)
    .sort(([a], [b]) => a - b)
    .map(([round, values]) => pointOf(round, values));
}

type Value = { readonly x: number; readonly value: number; readonly raw: number };

function pointOf(round: number, values: readonly Value[]): Point {
  const { count, mean, interval } = describeSample(values.map(({ value }) => value));
  const meanOf = (of: (one: Value) => number) =>
    values.reduce((sum, one) => sum + of(one), 0) / count;
  return {
    round,
    x: meanOf(({ x }) => x),
    mean,
    raw: meanOf(({ raw }) => raw),
    n: count,
    ...(interval && { interval }),
  };
}
