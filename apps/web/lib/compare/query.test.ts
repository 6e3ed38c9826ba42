import { expect, it } from "vitest";
import { comparisonOf, mostRuns, queryOf } from "./query";

it("a link keeps the whole view", () => {
  const view = {
    runs: ["b", "a-1"],
    pinned: "a-1",
    metric: "teacher/part/x & y, z",
    axis: "bytes",
    smoothing: 0.6,
    apart: true,
  } as const;
  const query = queryOf(view);
  expect(query).toBe(
    "runs=b,a-1&pinned=a-1&metric=teacher/part/x%20%26%20y,%20z&x=bytes&smooth=0.6&seeds=apart",
  );
  expect(comparisonOf(new URLSearchParams(query))).toEqual({ ...view, leftOut: [] });
});

it("what is as it is at first is not in the link, and what cannot be is as at first", () => {
  const first = comparisonOf(new URLSearchParams(""));
  expect(queryOf(first)).toBe("");
  const wrong = new URLSearchParams("runs=,,&x=height&smooth=7&metric=&pinned=&seeds=no");
  expect(comparisonOf(wrong)).toEqual(first);
  expect(comparisonOf(new URLSearchParams("smooth=NaN")).smoothing).toBe(0);
});

it("an id counts once, and those beyond the limit are named", () => {
  const ids = Array.from({ length: mostRuns + 2 }, (_, i) => `id${i}`);
  const { runs, leftOut } = comparisonOf(new URLSearchParams({ runs: ["id0", ...ids].join() }));
  expect(runs).toEqual(ids.slice(0, mostRuns));
  expect(leftOut).toEqual([`id${mostRuns}`, `id${mostRuns + 1}`]);
});
