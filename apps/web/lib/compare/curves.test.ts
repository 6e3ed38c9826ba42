import { describe, expect, it } from "vitest";
import { courseOf, metricsOf } from "./courses";
import { curveOf, smoothed } from "./curves";
import { round, run } from "./testing/runs";

const metric = "accuracy/mean";
const curve = (runs: readonly ReturnType<typeof run>[], changes = {}) =>
  curveOf(runs.map(courseOf), { metric, axis: "round", smoothing: 0, ...changes });

describe("a course", () => {
  it("sums bytes and time, without waiting for clients or a round that is under way", () => {
    const open = { ...round(3, {}), endedAt: undefined };
    const { rounds } = run("a", [0.1, 0.2]);
    const course = courseOf({ rounds: [...rounds, open] as typeof rounds });
    expect(course.map(({ bytes, ms }) => [bytes, ms])).toEqual([
      [300, 10_000],
      [600, 20_000],
    ]);
    expect(course[1].metrics).toMatchObject({ [metric]: 0.2, "spent/up": 100, "spent/ms": 10_000 });
  });

  it("names its metrics, and what was spent last", () => {
    expect(metricsOf([courseOf(run("a", [0.1]))])).toEqual([
      "accuracy/image",
      "accuracy/mean",
      "spent/up",
      "spent/down",
      "spent/ms",
    ]);
    expect(metricsOf([[]])).toEqual([]);
  });
});

describe("a curve", () => {
  it("is the mean over seeds with Student's interval, at the mean of what they have spent", () => {
    const twice = run("b", [0.4, 0.8]);
    const rounds = twice.rounds.map((one) => ({ ...one, bytesUp: 500 }));
    const points = curve([run("a", [0.2, 0.4]), { ...twice, rounds }], { axis: "bytes" });
    expect(points.map(({ round, n }) => [round, n])).toEqual([
      [1, 2],
      [2, 2],
    ]);
    expect(points.map(({ x }) => x)).toEqual([500, 1000]);
    expect(points[1].mean).toBeCloseTo(0.6, 12);
    // std of (0.4, 0.8) is 0.2828, over sqrt(2) it is 0.2, and t of one degree is 12.7062.
    expect(points[1].interval?.[1]).toBeCloseTo(0.6 + 12.7062 * 0.2, 4);
  });

  it("of one seed has no interval", () => {
    expect(curve([run("a", [0.2])])).toEqual([{ round: 1, x: 1, mean: 0.2, raw: 0.2, n: 1 }]);
  });

  it("ends where a seed ends, but for a seed that has measured nothing", () => {
    const points = curve([run("a", [0.2, 0.4, 0.6]), run("b", [0.4, 0.6]), run("c", [])]);
    expect(points.map(({ round, n }) => [round, n])).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  it("is smoothed seed by seed, and keeps what was measured", () => {
    const points = curve([run("a", [0, 1])], { smoothing: 0.5 });
    // (0.5 * 0.5 * 0 + 0.5 * 1) / (0.25 + 0.5)
    expect(points[1].mean).toBeCloseTo(2 / 3, 12);
    expect(points[1].raw).toBe(1);
  });
});

it("smoothing begins with the first value and steps over gaps", () => {
  expect(smoothed([4, undefined, 4], 0.9)).toEqual([4, undefined, expect.closeTo(4, 12)]);
  expect(smoothed([1, 2, 3], 0)).toEqual([1, 2, 3]);
});
