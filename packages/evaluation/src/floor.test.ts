import { createRng } from "@tandem/core/rng";
import { f32, type TensorOf } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { realFloor } from "./floor";
import { frechetDistance } from "./image-quality";

it("halves share no row, and leave one out of an odd number", () => {
  const seen: number[][] = [];
  const real = f32([5, 1], [1, 2, 4, 8, 16]);
  realFloor(real, (left, right) => seen.push([...left.data, ...right.data]), {
    rng: createRng(1),
    repeats: 20,
  });
  expect(seen.length).toBe(20);
  for (const rows of seen) expect(new Set(rows).size).toBe(4);
  expect(new Set(seen.map(String)).size).toBeGreaterThan(5);
});

it("is the mean and the deviation of what is measured, and repeats with its seed", () => {
  // Halves of 0, 1 differ by 1 or -1.
  const difference = (left: TensorOf<"f32">, right: TensorOf<"f32">) =>
    left.data[0] - right.data[0];
  const run = (seed: number) =>
    realFloor(f32([2, 1], [0, 1]), difference, { rng: createRng(seed), repeats: 100 });
  expect(run(1)).toEqual(run(1));
  const { mean, std } = run(1);
  expect(mean ** 2 + std ** 2).toBeCloseTo(1, 12); // the mean square of 1 and -1
  expect(() => realFloor(f32([1, 1], [0]), difference, { rng: createRng(1) })).toThrow(/no halves/);
});

it("halves of one law are nearer than sets of two", () => {
  const rng = createRng(2);
  const draw = (mean: number) =>
    f32(
      [200, 2],
      Float32Array.from({ length: 400 }, () => mean + rng.normal()),
    );
  const floor = realFloor(draw(0), frechetDistance, { rng });
  expect(floor.mean + 3 * floor.std).toBeLessThan(frechetDistance(draw(0), draw(1)));
});
