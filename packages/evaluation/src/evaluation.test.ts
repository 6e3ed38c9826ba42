import { createRng } from "@tandem/core/rng";
import { f32, type TensorOf } from "@tandem/core/tensor";
import { describe, expect, it } from "vitest";
import { summarise } from "./clients";
import { accuracy } from "./evaluator";
import { frechetDistance, withinClassDiversity } from "./image-quality";
import { eigen, multiply, squareRoot } from "./linear-algebra";

describe("symmetric matrices", () => {
  it("have the eigenvalues known in closed form", () => {
    // [[2, 1], [1, 2]]: 1 and 3.
    const { values } = eigen(Float64Array.of(2, 1, 1, 2), 2);
    expect([...values].sort()).toEqual([expect.closeTo(1, 10), expect.closeTo(3, 10)]);
  });

  it("are the square of their root", () => {
    const rng = createRng(1);
    const b = Float64Array.from({ length: 36 }, () => rng.normal());
    const transposed = Float64Array.from(b, (_, i) => b[(i % 6) * 6 + Math.floor(i / 6)]);
    const a = multiply(b, transposed, 6);
    const root = squareRoot(a, 6);
    multiply(root, root, 6).forEach((value, i) => {
      expect(value).toBeCloseTo(a[i], 8);
    });
  });
});

describe("Fréchet distance", () => {
  // Four points (±s, 0), (0, ±t) around m: covariance diag(2 s² / 3, 2 t² / 3).
  const cross = (m: readonly [number, number], s: number, t: number) =>
    f32([4, 2], [m[0] + s, m[1], m[0] - s, m[1], m[0], m[1] + t, m[0], m[1] - t]);

  it("is the closed form for diagonal covariances", () => {
    const [s, t, u, v] = [1, 2, 3, 0.5];
    const variance = (x: number) => (2 * x * x) / 3;
    const term = (x: number, y: number) => (Math.sqrt(variance(x)) - Math.sqrt(variance(y))) ** 2;
    const expected = 5 ** 2 + term(s, u) + term(t, v);
    expect(frechetDistance(cross([0, 0], s, t), cross([3, 4], u, v))).toBeCloseTo(expected, 5);
  });

  it("does not change when both sets are rotated, and is the closed form for a rotated pair", () => {
    const rotated = (points: TensorOf<"f32">, angle: number) => {
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      return f32(
        points.shape,
        points.data.map((v, i) =>
          i % 2 ? s * points.data[i - 1] + c * v : c * v - s * points.data[i + 1],
        ),
      );
    };
    const [left, right] = [cross([0, 0], 1, 2), cross([3, 4], 3, 0.5)];
    const turned = frechetDistance(rotated(left, 0.7), rotated(right, 0.7));
    expect(turned).toBeCloseTo(frechetDistance(left, right), 4);
    // Σ1 = diag(p, q) and Σ2 its rotation R Σ1 Rᵀ. For 2 x 2: Tr √M = √(Tr M + 2 √det M), with
    // M = Σ1 Σ2, det M = (pq)², Tr M = cos² (p² + q²) + 2 sin² p q.
    const [p, q, angle] = [2 / 3, 8 / 3, Math.PI / 6];
    const trace = 0.75 * (p * p + q * q) + 0.25 * 2 * p * q;
    const expected = 2 * (p + q) - 2 * Math.sqrt(trace + 2 * p * q);
    expect(frechetDistance(left, rotated(left, angle))).toBeCloseTo(expected, 5);
  });

  /** Rows with exactly mean `mean` and covariance L Lᵀ: mean ± s l for each column l of L. */
  const spread = (mean: readonly number[], columns: readonly (readonly number[])[]) => {
    const s = Math.sqrt((2 * columns.length - 1) / 2); // 2 s² / (2n - 1) = 1
    const rows = columns.flatMap((l) => [s, -s].map((sign) => mean.map((m, i) => m + sign * l[i])));
    return f32([rows.length, mean.length], rows.flat());
  };

  it("is the closed form against the unit covariance: Tr √Σ is the sum of the roots", () => {
    // [[2, 1], [1, 2]] has eigenvalues 1 and 3, and columns (√2, √½), (0, √1.5).
    const unit = spread(
      [0, 0],
      [
        [1, 0],
        [0, 1],
      ],
    );
    const other = spread(
      [1, -2],
      [
        [Math.SQRT2, Math.SQRT1_2],
        [0, Math.sqrt(1.5)],
      ],
    );
    expect(frechetDistance(unit, other)).toBeCloseTo(5 + 2 + 4 - 2 * (1 + Math.sqrt(3)), 5);
  });

  it("is the closed form for covariances of rank 1 in three dimensions", () => {
    // Σ1 = a aᵀ, Σ2 = b bᵀ: Tr (Σ1 Σ2)^½ = |a·b|. |a|² = 9, |b|² = 2, a·b = 3, means 2 apart.
    const [left, right] = [spread([0, 0, 0], [[1, 2, 2]]), spread([2, 0, 0], [[1, 1, 0]])];
    expect(frechetDistance(left, right)).toBeCloseTo(4 + 9 + 2 - 2 * 3, 5);
    // A point has no covariance at all: 4 + 9.
    const point = f32([2, 3], [2, 0, 0, 2, 0, 0]);
    expect(frechetDistance(left, point)).toBeCloseTo(13, 5);
  });

  it("scales with the square of the features, however small", () => {
    const [left, right] = [
      spread(
        [0, 0],
        [
          [1, 1],
          [0, 2],
        ],
      ),
      spread(
        [0, 0],
        [
          [2, -1],
          [1, 1],
        ],
      ),
    ];
    const scaled = ({ shape, data }: TensorOf<"f32">, by: number) =>
      f32(
        shape,
        data.map((x) => x * by),
      );
    const expected = frechetDistance(left, right);
    for (const by of [1e-6, 1e6])
      expect(frechetDistance(scaled(left, by), scaled(right, by)) / by ** 2).toBeCloseTo(
        expected,
        4,
      );
  });

  it("is zero between a set and itself", () => {
    expect(frechetDistance(cross([1, 1], 1, 2), cross([1, 1], 1, 2))).toBeCloseTo(0, 8);
  });
});

it("diversity is 1 for orthogonal features of a class and 0 for equal ones", () => {
  const features = f32([4, 2], [1, 0, 0, 1, 2, 0, 3, 0]);
  // Class 0: rows 0 and 1, cos 0. Class 1: rows 2 and 3, cos 1.
  expect(withinClassDiversity(features, [0, 0, 1, 1])).toBeCloseTo(0.5, 6);
});

it("accuracy counts rows whose largest logit is the label", () => {
  expect(accuracy(f32([2, 2], [0.1, 0.9, 0.8, 0.2]), [1, 1])).toBe(0.5);
});

it("summarises by mean and population deviation", () => {
  expect(summarise([1, 3])).toEqual({ mean: 2, std: 1 });
});
