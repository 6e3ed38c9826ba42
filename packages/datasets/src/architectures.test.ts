import { expect, it } from "vitest";
import { backboneArchitectures, stepsOf, usualArchitectures, withEncoder } from "./architectures";

it("the step of every architecture that own data can train is known, and grows with what it reads", () => {
  for (const architectures of [usualArchitectures, backboneArchitectures]) {
    const [small, usual, large] = [16, 32, 64].map((size) => stepsOf(architectures, size));
    const names = Object.values(architectures).flat();
    expect(Object.keys(usual).toSorted()).toEqual([...new Set(names)].toSorted());
    for (const name of names) {
      expect(small[name]).toBeGreaterThan(0);
      expect(large[name]).toBeGreaterThanOrEqual(usual[name]);
      expect(usual[name]).toBeGreaterThanOrEqual(small[name]);
    }
  }
  const steps = stepsOf(usualArchitectures, 64);
  expect([steps["cnn-small"], steps["cnn-wide"], steps.bag]).toEqual([4, 8, 0.25]);
  expect(steps["dual-cnn-bag"]).toBe(steps["cnn-small"] + steps.bag);
  expect(stepsOf(backboneArchitectures, 64)["backbone-mlp"]).toBe(0.15);
});

it("what somebody's own encoder costs is not said", () => {
  const known = Object.keys(stepsOf(withEncoder, 32));
  expect(known.toSorted()).toEqual(usualArchitectures.text.toSorted());
});
