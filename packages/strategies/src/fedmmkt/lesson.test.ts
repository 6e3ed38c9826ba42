import { expect, it } from "vitest";
import golden from "../../fixtures/aggregation-golden.json";
import { rewardWeights } from "./lesson";

it("reward weights agree with the independent implementation to 1e-6", () => {
  rewardWeights(golden.A, golden.y).forEach((weight, i) => {
    expect(Math.abs(weight - golden.omega[i])).toBeLessThan(1e-6);
  });
});
