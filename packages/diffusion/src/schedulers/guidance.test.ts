import { describe, expect, it } from "vitest";
import { guidanceScale, guide, rescaleGuidance } from "./guidance";

describe("guidance", () => {
  it("acts above 1 alone: up to 1 it is the conditional answer", () => {
    expect([0, 0.5, 1, 1.0001, 7.5].map(guidanceScale)).toEqual([1, 1, 1, 1.0001, 7.5]);
    const conditional = Float32Array.of(0.1, -2);
    expect(guide(Float32Array.of(7, 7), conditional, guidanceScale(0))).toEqual(conditional);
  });

  it.each([-1, -1e-9, 1e39, Number.NaN, Number.POSITIVE_INFINITY])("%d is refused", (guidance) => {
    expect(() => guidanceScale(guidance)).toThrow(
      `guidance = ${guidance}: use a number from 0 to 1000`,
    );
  });

  it("goes from the unconditional past the conditional answer", () => {
    expect(guide(Float32Array.of(1), Float32Array.of(2), 3)).toEqual(Float32Array.of(4));
  });

  it("is rescaled to the spread of the conditional answer, sample by sample", () => {
    // deviations: guided 4 and 1, conditional 1 and 1; φ = 0.5 halves the way: 4 -> 2.5
    const guided = Float32Array.of(-4, 4, -1, 1);
    const conditional = Float32Array.of(-1, 1, 2, 4);
    const how = { batch: 2, phi: 0.5 };
    expect([...rescaleGuidance(guided, conditional, how)]).toEqual([-2.5, 2.5, -1, 1]);
  });
});
