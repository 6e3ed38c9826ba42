import { createRng } from "@tandem/core/rng";
import { describe, expect, it } from "vitest";
import { adamW, sumAll } from "./adamw";
import {
  add,
  broadcastTo,
  div,
  exp,
  mul,
  sigmoid,
  silu,
  sqrt,
  square,
  sub,
  tanh,
} from "./elementwise";
import { gradients } from "./gradients";
import { conv2d, gather, matmul } from "./linear";
import { groupNorm, layerNorm, softmax, standardise } from "./normalise";
import { compile, floats, ids, value } from "./session";
import { concat, pad, reduceMean, reduceSum, reshape, slice, transpose } from "./shape";
import { input, size, type Tensor } from "./tensor";

type Case = {
  readonly shapes: readonly (readonly number[])[];
  readonly f: (...x: Tensor[]) => Tensor;
};
const positive = (x: Tensor) => add(square(x), 0.5);
const cases: Record<string, Case> = {
  "add, broadcast": { shapes: [[2, 3], [3]], f: (a, b) => add(a, b) },
  "sub, broadcast": {
    shapes: [
      [2, 1],
      [2, 3],
    ],
    f: (a, b) => sub(a, b),
  },
  "mul, broadcast": { shapes: [[2, 3], []], f: (a, b) => mul(a, b) },
  div: {
    shapes: [
      [2, 3],
      [2, 1],
    ],
    f: (a, b) => div(a, positive(b)),
  },
  "exp, sqrt": { shapes: [[5]], f: (x) => sqrt(exp(x)) },
  "sigmoid, tanh": { shapes: [[5]], f: (x) => sigmoid(tanh(x)) },
  silu: { shapes: [[2, 5]], f: silu },
  broadcastTo: { shapes: [[2, 1, 3]], f: (x) => broadcastTo(x, [2, 4, 3]) },
  "matmul, batched": {
    shapes: [
      [2, 3, 4],
      [2, 4, 5],
    ],
    f: matmul,
  },
  "matmul, shared right": {
    shapes: [
      [2, 3, 4],
      [4, 5],
    ],
    f: matmul,
  },
  "matmul, 4-D": {
    shapes: [
      [2, 2, 3, 4],
      [2, 2, 4, 3],
    ],
    f: matmul,
  },
  "conv2d 3x3": {
    shapes: [
      [2, 3, 5, 5],
      [4, 3, 3, 3],
    ],
    f: (x, w) => conv2d(x, w),
  },
  "conv2d 3x3 stride 2": {
    shapes: [
      [2, 2, 6, 6],
      [3, 2, 3, 3],
    ],
    f: (x, w) => conv2d(x, w, 2),
  },
  "conv2d 3x3 stride 2, odd": {
    shapes: [
      [1, 2, 5, 5],
      [3, 2, 3, 3],
    ],
    f: (x, w) => conv2d(x, w, 2),
  },
  "conv2d 1x1": {
    shapes: [
      [2, 3, 4, 4],
      [5, 3, 1, 1],
    ],
    f: (x, w) => conv2d(x, w),
  },
  softmax: { shapes: [[3, 4]], f: softmax },
  standardise: { shapes: [[3, 8]], f: (x) => standardise(x) },
  layerNorm: { shapes: [[3, 8], [8], [8]], f: layerNorm },
  groupNorm: { shapes: [[2, 4, 3, 3], [4], [4]], f: (x, a, b) => groupNorm(x, a, b, 2) },
  "reshape, transpose": { shapes: [[2, 6]], f: (x) => transpose(reshape(x, [2, 2, 3]), [2, 0, 1]) },
  "concat, slice": {
    shapes: [
      [2, 3],
      [2, 2],
    ],
    f: (a, b) => slice(concat([a, b], 1), 1, 1, 4),
  },
  pad: { shapes: [[2, 3]], f: (x) => pad(x, [0, 1], [1, 2]) },
  "reduceSum, reduceMean": {
    shapes: [[2, 3, 4]],
    f: (x) => add(reduceSum(x, [1]), reduceMean(x, [1, 2])),
  },
};

describe("gradients agree with central differences", () => {
  it.each(Object.entries(cases))("%s", async (_, { shapes, f }) => {
    const rng = createRng("graph");
    const variables = shapes.map((shape, i) => input(`x${i}`, shape));
    const y = f(...variables);
    // Σ y (1 + y): a gradient of ones would hide mistakes.
    const loss = sumAll(mul(y, add(y, 1)));
    const outputs = Object.fromEntries(gradients(loss, variables).map((g, i) => [`d${i}`, g]));
    const graph = await compile({ loss, ...outputs });
    const points = shapes.map((shape) =>
      Float32Array.from({ length: size(shape) }, () => rng.normal()),
    );
    const run = () =>
      graph.run(Object.fromEntries(points.map((x, i) => [`x${i}`, value(x, shapes[i])])));
    const exact = await run();
    for (const [i, point] of points.entries()) {
      for (const j of [0, point.length - 1, rng.integer(point.length)]) {
        const [center, h] = [point[j], 1e-2];
        point[j] = center + h;
        const above = floats((await run()).loss)[0];
        point[j] = center - h;
        const below = floats((await run()).loss)[0];
        point[j] = center;
        const [numeric, analytic] = [(above - below) / (2 * h), floats(exact[`d${i}`])[j]];
        expect(Math.abs(numeric - analytic)).toBeLessThan(0.02 * (1 + Math.abs(numeric)));
      }
    }
    await graph.release();
  });
});

it("gather adds the gradients of rows that are used twice", async () => {
  const table = input("table", [3, 2]);
  const rows = gather(table, input("ids", [3], "i64"));
  const [gradient] = gradients(sumAll(mul(rows, rows)), [table]);
  const graph = await compile({ gradient });
  const { gradient: result } = await graph.run({
    table: value(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]),
    ids: ids([2, 0, 2], [3]),
  });
  // Σ x² over rows 2, 0, 2: 2x once for row 0, twice for row 2.
  expect([...floats(result)]).toEqual([2, 4, 0, 0, 20, 24]);
});

it("AdamW's first step is the learning rate against the sign, after clipping and decay", async () => {
  const x = input("x", [2]);
  const [gradient] = gradients(sumAll(mul(square(x), 0.5)), [x]); // = x = (3, -4), norm 5
  const graph = await compile(adamW({ x }, { x: gradient }, { clip: 1, weightDecay: 0.1 }));
  const one = (v: number) => value(Float32Array.of(v), []);
  const zero = value(new Float32Array(2), [2]);
  const out = await graph.run({
    x: value(Float32Array.of(3, -4), [2]),
    "m:x": zero,
    "v:x": zero,
    learningRate: one(0.01),
    correction1: one(1 - 0.9),
    correction2: one(1 - 0.999),
  });
  // Clipped to (0.6, -0.8); m/c1 = g, v/c2 = g², step = ±1, decay 0.1 x.
  expect(floats(out["next:x"])[0]).toBeCloseTo(3 - 0.01 * (1 + 0.3), 5);
  expect(floats(out["next:x"])[1]).toBeCloseTo(-4 + 0.01 * (1 + 0.4), 5);
  expect(floats(out["next:m:x"])[0]).toBeCloseTo(0.06, 6);
});
