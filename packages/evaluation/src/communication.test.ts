import { expect, it } from "vitest";
import { trafficOf, trafficToTarget } from "./communication";

const rounds = [
  { cohort: 4, bytesUp: 40, bytesDown: 400, accuracy: 0.3 },
  { cohort: 2, bytesUp: 20, bytesDown: 200, accuracy: undefined },
  { cohort: 4, bytesUp: 60, bytesDown: 200, accuracy: 0.6 },
  { cohort: 4, bytesUp: 40, bytesDown: 400, accuracy: 0.5 },
];

it("adds bytes up and shares them among the clients that were asked", () => {
  // 160 up and 1,200 down over 14 clients.
  expect(trafficOf(rounds)).toEqual({
    up: 160,
    down: 1200,
    upPerClient: 160 / 14,
    downPerClient: 1200 / 14,
  });
  expect(trafficOf([])).toEqual({ up: 0, down: 0, upPerClient: 0, downPerClient: 0 });
});

it("counts bytes until the first round at the target, those without an accuracy too", () => {
  expect(trafficToTarget(rounds, 0.3)).toEqual({ rounds: 1, up: 40, down: 400 });
  expect(trafficToTarget(rounds, 0.5)).toEqual({ rounds: 3, up: 120, down: 800 });
  expect(trafficToTarget(rounds, 0.61)).toBeUndefined();
});
