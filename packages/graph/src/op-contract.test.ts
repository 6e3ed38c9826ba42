import { createRng } from "@tandem/core/rng";
import { describe, expect, it } from "vitest";
import * as activation from "./activation";
import * as convolution from "./convolution";
import * as elementwise from "./elementwise";
import { gradients } from "./gradients";
import * as linear from "./linear";
import * as normalise from "./normalise";
import { compile, floats, value } from "./onnx-session";
import * as shape from "./shape";
import { constant, input, size, type Tensor } from "./tensor";

const { add, equal, greater, less, mul, square, toFloat, where } = elementwise;
const { argMax, reshape, sumAll } = shape;
const positive = (x: Tensor) => add(square(x), 0.5);
const even = constant([1, 0, 1, 0, 1], [5]);
const ids = (rows: readonly number[], count: number) =>
  argMax(
    constant(
      rows.flatMap((row) => Array.from({ length: count }, (_, i) => +(i === row))),
      [rows.length, count],
    ),
  );

/** The f32 inputs of one use of an op, and the use; the contract differentiates all inputs. */
type Use = readonly [shapes: readonly (readonly number[])[], f: (...x: Tensor[]) => Tensor];

/** Every function that the op modules export, with its uses. */
const ops: Readonly<Record<string, readonly Use[]>> = {
  add: [[[[2, 3], [3]], (a, b) => add(a, b)]],
  sub: [
    [
      [
        [2, 1],
        [2, 3],
      ],
      (a, b) => elementwise.sub(a, b),
    ],
  ],
  mul: [[[[2, 3], []], (a, b) => mul(a, b)]],
  div: [
    [
      [
        [2, 3],
        [2, 1],
      ],
      (a, b) => elementwise.div(a, positive(b)),
    ],
  ],
  maximum: [[[[2, 5], [5]], (a, b) => elementwise.maximum(a, b)]],
  minimum: [[[[5], [2, 5]], (a, b) => elementwise.minimum(a, b)]],
  clip: [[[[9]], (x) => elementwise.clip(x, -0.5, 0.7)]],
  neg: [[[[5]], elementwise.neg]],
  exp: [[[[5]], elementwise.exp]],
  log: [[[[5]], (x) => elementwise.log(positive(x))]],
  sqrt: [[[[5]], (x) => elementwise.sqrt(positive(x))]],
  sin: [[[[5]], elementwise.sin]],
  cos: [[[[5]], elementwise.cos]],
  tanh: [[[[5]], elementwise.tanh]],
  sigmoid: [[[[5]], elementwise.sigmoid]],
  erf: [[[[5]], elementwise.erf]],
  square: [[[[5]], square]],
  relu: [[[[9]], elementwise.relu]],
  greater: [[[[5]], (x) => mul(x, toFloat(greater(even, 0.5)))]],
  less: [[[[5]], (x) => mul(x, toFloat(less(even, 0.5)))]],
  equal: [[[[5]], (x) => mul(x, toFloat(equal(even, 1)))]],
  toFloat: [[[[2, 3]], (x) => mul(x, reshape(toFloat(ids([2, 1], 3)), [2, 1]))]],
  where: [[[[5], [2, 1]], (a, b) => where(greater(even, 0.5), a, b)]],
  silu: [[[[2, 5]], activation.silu]],
  quickGelu: [[[[2, 5]], activation.quickGelu]],
  gelu: [[[[2, 5]], activation.gelu]],
  geluTanh: [[[[2, 5]], activation.geluTanh]],
  matmul: [
    [
      [
        [3, 4],
        [4, 2],
      ],
      linear.matmul,
    ],
    [
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
      linear.matmul,
    ],
    [
      [
        [2, 3, 4],
        [4, 5],
      ],
      linear.matmul,
    ],
    [
      [
        [2, 2, 3, 4],
        [2, 2, 4, 3],
      ],
      linear.matmul,
    ],
    [
      [
        [2, 1, 3, 4],
        [5, 4, 3],
      ],
      linear.matmul,
    ],
  ],
  linear: [[[[2, 3, 4], [5, 4], [5]], linear.linear]],
  gather: [[[[3, 2]], (table) => linear.gather(table, ids([2, 0, 2], 3))]],
  conv2d: [
    [[[2, 3, 5, 5], [4, 3, 3, 3], [4]], (x, w, bias) => convolution.conv2d(x, w, { bias })],
    [
      [
        [2, 2, 6, 6],
        [3, 2, 3, 3],
      ],
      (x, w) => convolution.conv2d(x, w, { stride: 2 }),
    ],
    [
      [
        [1, 2, 5, 5],
        [3, 2, 3, 3],
      ],
      (x, w) => convolution.conv2d(x, w, { stride: 2 }),
    ],
    [
      [
        [2, 3, 4, 4],
        [5, 3, 1, 1],
      ],
      (x, w) => convolution.conv2d(x, w),
    ],
    [
      [
        [2, 3, 5, 4],
        [2, 3, 1, 1],
      ],
      (x, w) => convolution.conv2d(x, w, { stride: 2 }),
    ],
    [
      [
        [2, 2, 6, 5],
        [3, 2, 3, 3],
      ],
      (x, w) => convolution.conv2d(x, w, { stride: 2, padding: [0, 0, 1, 1] }),
    ],
    [
      [
        [1, 2, 5, 5],
        [3, 2, 3, 3],
      ],
      (x, w) => convolution.conv2d(x, w, { padding: 0 }),
    ],
  ],
  upsample: [
    [[[2, 2, 2, 3]], (x) => convolution.upsample(x)],
    [[[1, 2, 2, 1]], (x) => convolution.upsample(x, 3)],
  ],
  pixelShuffle: [[[[2, 8, 2, 3]], (x) => convolution.pixelShuffle(x)]],
  pixelUnshuffle: [[[[2, 2, 4, 6]], (x) => convolution.pixelUnshuffle(x)]],
  softmax: [[[[3, 4]], normalise.softmax]],
  standardise: [[[[3, 8]], (x) => normalise.standardise(x)]],
  layerNorm: [[[[3, 8], [8], [8]], (x, scale, shift) => normalise.layerNorm(x, { scale, shift })]],
  groupNorm: [
    [
      [[2, 4, 3, 3], [4], [4]],
      (x, scale, shift) => normalise.groupNorm(x, { scale, shift, groups: 2 }),
    ],
    [
      [[2, 6, 5], [6], [6]],
      (x, scale, shift) => normalise.groupNorm(x, { scale, shift, groups: 3 }),
    ],
  ],
  reshape: [[[[2, 6]], (x) => reshape(x, [3, 4])]],
  transpose: [[[[2, 3, 4]], (x) => shape.transpose(x, [2, 0, 1])]],
  concat: [
    [
      [
        [2, 3],
        [2, 2],
      ],
      (a, b) => shape.concat([a, b], 1),
    ],
  ],
  slice: [[[[2, 5]], (x) => shape.slice(x, 1, 1, 4)]],
  pad: [[[[2, 3]], (x) => shape.pad(x, [0, 1], [1, 2])]],
  broadcastTo: [[[[2, 1, 3]], (x) => shape.broadcastTo(x, [2, 4, 3])]],
  unbroadcast: [[[[2, 4, 3]], (x) => shape.unbroadcast(x, [1, 3])]],
  reduceSum: [[[[2, 3, 4]], (x) => shape.reduceSum(x, [1])]],
  reduceMean: [[[[2, 3, 4]], (x) => shape.reduceMean(x, [0, 2])]],
  sumAll: [[[[2, 3]], sumAll]],
  argMax: [[[[2]], (x) => mul(x, toFloat(argMax(constant([1, 5, 5, 7, 0, 1], [2, 3]))))]],
};
const modules = {
  ...activation,
  ...convolution,
  ...elementwise,
  ...linear,
  ...normalise,
  ...shape,
};

describe("graph op contract", () => {
  it("covers every op", () => {
    expect(Object.keys(modules).sort()).toEqual(Object.keys(ops).sort());
  });

  const uses = Object.entries(ops).flatMap(([op, list]) =>
    list.map((use, i) => [`${op} ${i + 1}`, use] as const),
  );
  it.each(uses)("%s: gradient agrees with central differences", async (_, [shapes, f]) => {
    const rng = createRng("graph");
    const variables = shapes.map((extents, i) => input(`x${i}`, extents));
    const y = f(...variables);
    // Σ y (1 + y): a gradient of ones would hide mistakes.
    const loss = sumAll(mul(y, add(y, 1)));
    const named = gradients(loss, variables).map((g, i) => [`d${i}`, g] as const);
    const graph = await compile({ loss, ...Object.fromEntries(named) });
    const points = shapes.map((extents) =>
      Float32Array.from({ length: size(extents) }, () => rng.normal()),
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
