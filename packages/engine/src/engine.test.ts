import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { filterGradient, inputGradient } from "./convolution-gradients";
import { depthwiseFilterGradient, depthwiseInputGradient } from "./depthwise-gradients";
import { segmentSum } from "./kernels";
import { startNodeEngine } from "./node";
import { selfTest } from "./self-test";

const values = (length: number, phase: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(1.3 * i + phase));

/**
 * Gradients of Σ dy · conv(x, w) by plain loops: 3 channels to 4 outputs, or, by channel, to 2
 * outputs each.
 */
function bruteForce(
  x: Float32Array,
  w: Float32Array,
  dy: Float32Array,
  [side, kernel, stride, out]: readonly [number, number, number, number],
  byChannel: boolean,
) {
  const outputs = byChannel ? 6 : 4;
  const total = Math.max((out - 1) * stride + kernel - side, 0); // "same" padding
  const top = Math.floor(total / 2);
  const [dx, dw] = [new Float32Array(x.length), new Float32Array(w.length)];
  for (let b = 0; b < 2; b++)
    for (let r = 0; r < out; r++)
      for (let c = 0; c < out; c++)
        for (let o = 0; o < outputs; o++)
          for (let i = 0; i < kernel; i++)
            for (let j = 0; j < kernel; j++)
              for (let k = 0; k < 3; k++) {
                const [row, column] = [r * stride + i - top, c * stride + j - top];
                if (row < 0 || column < 0 || row >= side || column >= side) continue;
                const at = ((b * side + row) * side + column) * 3 + k;
                if (byChannel && Math.floor(o / 2) !== k) continue;
                const weight = byChannel
                  ? (i * kernel + j) * 6 + o
                  : ((i * kernel + j) * 3 + k) * 4 + o;
                const g = dy[((b * out + r) * out + c) * outputs + o];
                dx[at] += g * w[weight];
                dw[weight] += g * x[at];
              }
  return { dx, dw };
}

describe.each(["wasm", "cpu"] as const)("%s in Node", (backend) => {
  it("passes the self-test and leaves no tensor behind", async () => {
    const engine = await startNodeEngine({ prefer: backend });
    expect(engine.backend).toBe(backend);
    const before = tf.memory().numTensors;
    expect(await selfTest()).toBeLessThan(5e-3);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    [6, 3, 1],
    [6, 3, 2],
    [7, 3, 2],
    [5, 1, 1],
    [8, 5, 2],
  ])(
    "convolution gradients of side %i, kernel %i, stride %i are those of plain loops",
    async (side, kernel, stride) => {
      await startNodeEngine({ prefer: backend });
      const out = Math.ceil(side / stride);
      const attributes = { strides: [stride, stride] as const, pad: "same" as const };
      for (const byChannel of [false, true]) {
        const outputs = byChannel ? 6 : 4;
        const shape: [number, number, number, number] = [kernel, kernel, 3, byChannel ? 2 : 4];
        const x = values(2 * side * side * 3, 0);
        const weights = values(tf.util.sizeFromShape(shape), 1);
        const dy = values(2 * out * out * outputs, 2);
        const expected = bruteForce(x, weights, dy, [side, kernel, stride, out], byChannel);
        const before = tf.memory().numTensors;
        const [toInput, toFilter] = byChannel
          ? [depthwiseInputGradient, depthwiseFilterGradient]
          : [inputGradient, filterGradient];
        const { dx, dw } = tf.tidy(() => {
          const [xs, ws, dys] = [
            tf.tensor4d(x, [2, side, side, 3]),
            tf.tensor4d(weights, shape),
            tf.tensor4d(dy, [2, out, out, outputs]),
          ];
          return {
            dx: toInput(dys, ws, [2, side, side, 3], attributes).dataSync(),
            dw: toFilter(xs, dys, shape, attributes).dataSync(),
          };
        });
        expect([dx.length, dw.length]).toEqual([x.length, weights.length]);
        dx.forEach((value, i) => {
          expect(Math.abs(value - expected.dx[i])).toBeLessThan(1e-4);
        });
        dw.forEach((value, i) => {
          expect(Math.abs(value - expected.dw[i])).toBeLessThan(1e-3);
        });
        expect(tf.memory().numTensors).toBe(before);
      }
    },
  );

  it.each([
    [3, 4],
    [1, 3, 4],
    [2, 3, 4],
  ])("products of (%i, %i, …) are the same with flags as transposed", async (...shape) => {
    await startNodeEngine({ prefer: backend });
    const [rows, columns] = shape.slice(-2);
    const last = shape.length - 1;
    const turn = (x: tf.Tensor) => tf.transpose(x, [...Array(last - 1).keys(), last, last - 1]);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const a = tf.reshape(tf.range(0, tf.util.sizeFromShape(shape)), shape);
      const b = tf.sub(10, turn(a));
      const product = tf.matMul(a, b);
      expect(product.shape.slice(-2)).toEqual([rows, rows]);
      const first = [...Array(columns).keys()].reduce((sum, i) => sum + i * (10 - i), 0);
      expect(product.dataSync()[0]).toBe(first);
      for (const [one, other, byA, byB] of [
        [turn(a), b, true, false],
        [a, turn(b), false, true],
        [turn(a), turn(b), true, true],
      ] as const)
        expect(tf.matMul(one, other, byA, byB).dataSync()).toEqual(product.dataSync());
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it("the gradient of a max-pool reaches the largest of each window, negative or not", async () => {
    await startNodeEngine({ prefer: backend });
    const x = [
      [-4, -3, 2, 1],
      [-1, -5, -6, 7],
      [-8, -9, -10, -3],
      [-2, 0, -5, -4],
    ];
    const before = tf.memory().numTensors;
    const gradient = tf.tidy(() => {
      const pooled = (image: tf.Tensor) =>
        tf.sum(tf.mul(tf.maxPool(image as tf.Tensor4D, 2, 2, "valid"), dy));
      const dy = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
      return tf.reshape(tf.grad(pooled)(tf.tensor4d(x.flat(), [1, 4, 4, 1])), [4, 4]).arraySync();
    });
    expect(gradient).toEqual([
      [0, 0, 0, 0],
      [1, 0, 0, 2],
      [0, 0, 0, 4],
      [0, 3, 0, 0],
    ]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("segment sums add rows of the same id", async () => {
    await startNodeEngine({ prefer: backend });
    const sums = tf.tidy(() =>
      segmentSum(
        tf.tensor2d([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
        tf.tensor1d([2, 0, 2], "int32"),
        3,
      ).arraySync(),
    );
    expect(sums).toEqual([
      [3, 4],
      [0, 0],
      [6, 8],
    ]);
  });
});

it("a backend that is asked for and missing is an error, not another backend", async () => {
  await expect(startNodeEngine({ prefer: "webgpu" as never })).rejects.toThrow(/No usable backend/);
});
