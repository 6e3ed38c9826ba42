import { add, mul, sub } from "./elementwise";
import { reduceMean, reduceSum, reshape } from "./shape";
import { apply, constant, size, type Tensor } from "./tensor";

/** Over the last axis. */
export function softmax(x: Tensor): Tensor {
  const last = x.shape.length - 1;
  const y: Tensor = apply(
    "Softmax",
    [x],
    x.shape,
    (dy) => [mul(y, sub(dy, reduceSum(mul(dy, y), [last])))],
    { axis: -1 },
  );
  return y;
}

/** Zero mean and unit variance over the last axis, before any scale. */
export function standardise(x: Tensor, epsilon = 1e-5): Tensor {
  const last = x.shape.length - 1;
  const ones = constant(new Float32Array(x.shape[last]).fill(1), [x.shape[last]]);
  const operation = {
    type: "LayerNormalization",
    inputs: [x, ones],
    attributes: { axis: -1, epsilon: String(epsilon) },
    outputs: 3, // Y, Mean, InvStdDev
  };
  const column = [...x.shape.slice(0, -1), 1];
  const inverseDeviation: Tensor = {
    shape: column,
    dtype: "f32",
    source: { kind: "result", operation, index: 2 },
  };
  const y: Tensor = {
    shape: x.shape,
    dtype: "f32",
    source: { kind: "result", operation, index: 0 },
    pullback: (dy) => {
      const centred = sub(dy, reduceMean(dy, [last]));
      const aligned = mul(y, reduceMean(mul(dy, y), [last]));
      return [mul(sub(centred, aligned), inverseDeviation), undefined];
    },
  };
  return y;
}

/** (…, d) with scale and shift (d,). */
export const layerNorm = (x: Tensor, scale: Tensor, shift: Tensor): Tensor =>
  add(mul(standardise(x), scale), shift);

/** (B, C, h, w) in `groups` groups of channels, with scale and shift (C,). */
export function groupNorm(x: Tensor, scale: Tensor, shift: Tensor, groups: number): Tensor {
  const [batch, channels] = x.shape;
  const flat = reshape(x, [batch * groups, size(x.shape) / (batch * groups)]);
  const column = [channels, 1, 1];
  const normal = reshape(standardise(flat), x.shape);
  return add(mul(normal, reshape(scale, column)), reshape(shift, column));
}
