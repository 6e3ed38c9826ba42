import { expect, it } from "vitest";
import { benchAggregation } from "./aggregation";
import { aggregationTable } from "./aggregation-report";
import { exponentOf } from "./line-fit";

it("the exponent is the slope of logarithms: 2 for squares, none of one number", () => {
  expect(
    exponentOf([
      [1, 3],
      [10, 300],
      [100, 30_000],
    ]),
  ).toBeCloseTo(2, 9);
  expect(exponentOf([[10, 1]])).toBeUndefined();
});

it("rounds are added up and concluded for each number of clients, of which a third have two answers", async () => {
  const job = {
    kind: "aggregation",
    clients: [6, 3],
    items: 8,
    classes: 2,
    width: 4,
  } as const;
  const report = await benchAggregation(job, () => {});
  expect(report.rows.map(({ clients, answers }) => [clients, answers])).toEqual([
    [3, 4],
    [6, 8],
  ]);
  const [few, more] = report.rows.map(({ accumulatorMiB }) => accumulatorMiB * 2 ** 20);
  // For each two answers more: p of 8 x 2 floats, and of those with pictures r and h.
  expect(more - few).toBe(4 * 64 + 2 * (32 + 2));
  expect(aggregationTable(report)).toMatch(/^6 +8 /m);
});
