import { expect, it } from "vitest";
import { leastHeldOut } from "./task";
import { toldMetrics } from "./told-metrics";

const metrics = {
  accuracy: 0.5,
  "accuracy/image": 0.5,
  "accuracy/part/noto": 1,
  "accuracy/prototypes": 0.4,
  "retrieval/rsum": 90,
  "loss/train": 2,
};

it("of too few held-out samples nothing is told, of enough all but their parts", () => {
  expect(toldMetrics(metrics, leastHeldOut - 1)).toEqual({ "loss/train": 2 });
  const { "accuracy/part/noto": _, ...whole } = metrics;
  expect(toldMetrics(metrics, leastHeldOut)).toEqual(whole);
  expect(toldMetrics(metrics)).toEqual(metrics);
});
