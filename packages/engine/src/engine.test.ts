import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { filterGradient, inputGradient, segmentSum } from "./kernels";
import { startNodeEngine } from "./node";
import { selfTest } from "./self-test";

const values = (length: number, phase: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(1.3 * i + phase));

/** Gradients of Σ dy · conv(x, w) by plain loops. */
function bruteForce(
  x: Float32Array,
  w: Float32Array,
  dy: Float32Array,
  [side, kernel, stride, out]: readonly [number, number, number, number],
) {
  const total = Math.max((out - 1) * stride + kernel - side, 0); // "same" padding
  const top = Math.floor(total / 2);
  const [dx, dw] = [new Float32Array(x.length), new Float32Array(w.length)];
  for (let b = 0; b < 2; b++)
    for (let r = 0; r < out; r++)
      for (let c = 0; c < out; c++)
        for (let o = 0; o < 4; o++)
          for (let i = 0; i < kernel; i++)
            for (let j = 0; j < kernel; j++)
              for (let k = 0; k < 3; k++) {
                const [row, column] = [r * stride + i - top, c * stride + j - top];
                if (row < 0 || column < 0 || row >= side || column >= side) continue;
                const at = ((b * side + row) * side + column) * 3 + k;
                const weight = ((i * kernel + j) * 3 + k) * 4 + o;
                const g = dy[((b * out + r) * out + c) * 4 + o];
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
      const [x, w] = [values(2 * side * side * 3, 0), values(kernel * kernel * 12, 1)];
      const dy = values(2 * out * out * 4, 2);
      const expected = bruteForce(x, w, dy, [side, kernel, stride, out]);
      const before = tf.memory().numTensors;
      const { dx, dw } = tf.tidy(() => {
        const [xs, ws, dys] = [
          tf.tensor4d(x, [2, side, side, 3]),
          tf.tensor4d(w, [kernel, kernel, 3, 4]),
          tf.tensor4d(dy, [2, out, out, 4]),
        ];
        const attributes = { strides: [stride, stride] as const, pad: "same" as const };
        return {
          dx: inputGradient(dys, ws, xs.shape, attributes).dataSync(),
          dw: filterGradient(xs, dys, ws.shape, attributes).dataSync(),
        };
      });
      dx.forEach((value, i) => {
        expect(Math.abs(value - expected.dx[i])).toBeLessThan(1e-4);
      });
      dw.forEach((value, i) => {
        expect(Math.abs(value - expected.dw[i])).toBeLessThan(1e-3);
      });
      expect(tf.memory().numTensors).toBe(before);
    },
  );

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
