import { createRng } from "@tandem/core/rng";
import { f32, takeRows } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { withinClassDiversity } from "./image-quality";
import { type Evidence, scorePictures } from "./picture-scores";

/** Features of two classes around (4, 0) and (0, 4), of deviation `spread`; logits are features. */
function judged(
  count: number,
  { seed, spread = 1, shift = 0 }: { seed: number; spread?: number; shift?: number },
) {
  const rng = createRng(seed);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const features = f32(
    [count, 2],
    Float32Array.from(
      { length: 2 * count },
      (_, i) => (labels[i >> 1] === i % 2 ? 4 : 0) + shift + spread * rng.normal(),
    ),
  );
  return { features, logits: features, labels };
}

const evidence = (generated: Evidence["generated"], seen = judged(120, { seed: 9 }).features) => ({
  generated,
  real: judged(120, { seed: 1 }),
  seen,
});
const score = (own: Evidence) => scorePictures({ a: own }, { rng: createRng(1) }).a;

it("draws of the real law are at the floor", () => {
  const scores = score(evidence(judged(120, { seed: 2 })));
  // Sets of 120 against halves of 60, which are farther apart.
  expect(scores.frechet).toBeLessThan(2 * scores.frechetFloor);
  for (const share of [scores.precision, scores.recall, scores.density, scores.coverage])
    expect(Math.abs(share - 0.95)).toBeLessThan(0.15);
  expect(scores.promptAccuracy).toBeCloseTo(scores.realAccuracy, 1);
  expect(scores.copied).toBeLessThan(0.05);
});

it("a shift by (1, 1) shows in both distances", () => {
  const scores = score(evidence(judged(120, { seed: 2, shift: 1 })));
  expect(Math.abs(scores.frechet - 2)).toBeLessThan(0.4); // |(1, 1)|²
  expect(scores.kernel).toBeGreaterThan(10 * Math.abs(scores.kernelFloor));
});

it("collapse costs recall and diversity, not precision", () => {
  const whole = score(evidence(judged(120, { seed: 2 })));
  const collapsed = score(evidence(judged(120, { seed: 2, spread: 0.05 })));
  expect(collapsed.precision).toBe(1);
  expect(collapsed.recall).toBeLessThan(0.2);
  expect(collapsed.diversity).toBeLessThan(whole.diversity / 10);
  expect(collapsed.frechet).toBeGreaterThan(2 * whole.frechetFloor);
});

it("copies of what was seen are found, and wrong pictures are left out of diversity", () => {
  const generated = judged(100, { seed: 3 });
  expect(score(evidence(generated, generated.features)).copied).toBe(1);
  // The second judge sees class 0 everywhere: the even rows alone are agreed on.
  const blind = f32(
    [100, 2],
    Float32Array.from({ length: 200 }, (_, i) => 1 - (i % 2)),
  );
  const scores = scorePictures(
    { a: evidence(generated), b: evidence({ ...generated, logits: blind }) },
    { rng: createRng(1) },
  );
  expect(scores.b.promptAccuracy).toBe(0.5);
  expect([scores.a.agreed, scores.b.agreed]).toEqual([0.5, 0.5]);
  const even = takeRows(
    generated.features,
    Array.from({ length: 50 }, (_, i) => 2 * i),
  );
  const diversity = withinClassDiversity(even, new Int32Array(50));
  expect([scores.a.diversity, scores.b.diversity]).toEqual([diversity, diversity]);
});
