import { add, mul, sub } from "./elementwise";
import { reduceMean, reduceSum, reshape } from "./shape";
import { apply, constant, size, type Tensor } from "./tensor";

/** Over the last axis. */
export function softmax(x: Tensor): Tensor {
  const last = x.shape.length - 1;
  const y: Tensor = apply("Softmax", [x], x.shape, {
    attributes: { axis: -1 },
    pullback: (dy) => [mul(y, sub(dy, reduceSum(mul(dy, y), [last])))],
  });
  return y;
}

/** Zero mean and unit variance over the last axis, before any scale. */
export function standardise(x: Tensor, epsilon = 1e-5): Tensor {
  const last = x.shape.length - 1;
  const ones = constant(new Float32Array(x.shape[last]).fill(1), [x.shape[last]]);
  const operation = {
    type: "LayerNormalization",
    inputs: [x, ones],
    attributes: { axis: -1, epsilon: { real: epsilon } },
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

export type Affine = { readonly scale: Tensor; readonly shift: Tensor; readonly epsilon?: number };

/** (…, d) with scale and shift (d,). */
export const layerNorm = (x: Tensor, { scale, shift, epsilon }: Affine): Tensor =>
  add(mul(standardise(x, epsilon), scale), shift);

/** (B, C, …) in `groups` groups of channels, with scale and shift (C,). */
export function groupNorm(
  x: Tensor,
  { scale, shift, epsilon, groups }: Affine & { readonly groups: number },
): Tensor {
  const [batch, channels, ...rest] = x.shape;
  if (channels % groups !== 0) throw new Error(`${channels} channels in ${groups} groups`);
  const flat = reshape(x, [batch * groups, size(x.shape) / (batch * groups)]);
  const column = [channels, ...rest.map(() => 1)];
  const normal = reshape(standardise(flat, epsilon), x.shape);
  return add(mul(normal, reshape(scale, column)), reshape(shift, column));
}
