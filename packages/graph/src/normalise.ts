import { add, mul, sub } from "./elementwise";
import { reduceMean, reduceSum, reshape, unbroadcast } from "./shape";
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

export type Affine = { readonly scale: Tensor; readonly shift: Tensor; readonly epsilon?: number };

/** (…, d) with scale and shift (d,). */
export const layerNorm = (x: Tensor, { scale, shift, epsilon }: Affine): Tensor =>
  normalised(x, [x, scale, shift], epsilon);

/** Zero mean and unit variance over the last axis. */
export function standardise(x: Tensor, epsilon?: number): Tensor {
  const width = x.shape.at(-1) ?? 1;
  return normalised(x, [x, constant(new Float32Array(width).fill(1), [width])], epsilon);
}

function normalised(x: Tensor, inputs: readonly Tensor[], epsilon = 1e-5): Tensor {
  const last = x.shape.length - 1;
  const operation = {
    type: "LayerNormalization",
    inputs,
    attributes: { axis: -1, epsilon: { real: epsilon } },
    outputs: 3, // Y, Mean, InvStdDev
  };
  const result = (index: number, shape: readonly number[]): Tensor => ({
    shape,
    dtype: "f32",
    source: { kind: "result", operation, index },
  });
  const column = [...x.shape.slice(0, -1), 1];
  const [mean, inverseDeviation] = [result(1, column), result(2, column)];
  const [, scale, shift] = inputs;
  const y: Tensor = {
    ...result(0, x.shape),
    pullback: (dy) => {
      // Without a shift the scale is one, and the result itself is what was normalised.
      const normal = shift ? mul(sub(x, mean), inverseDeviation) : y;
      const d = shift ? mul(dy, scale) : dy;
      const aligned = mul(normal, reduceMean(mul(d, normal), [last]));
      const dx = mul(sub(sub(d, reduceMean(d, [last])), aligned), inverseDeviation);
      if (!shift) return [dx, undefined];
      return [dx, unbroadcast(mul(dy, normal), scale.shape), unbroadcast(dy, shift.shape)];
    },
  };
  return y;
}

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
