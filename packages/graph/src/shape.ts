import { apply, constant, integers, size, type Tensor } from "./tensor";

export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  if (size(shape) !== size(x.shape)) throw new Error(`[${x.shape}] does not reshape to [${shape}]`);
  return apply("Reshape", [x, integers(shape)], shape, (dy) => [reshape(dy, x.shape)]);
}

export function transpose(x: Tensor, perm: readonly number[]): Tensor {
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  const shape = perm.map((axis) => x.shape[axis]);
  return apply("Transpose", [x], shape, (dy) => [transpose(dy, inverse)], { perm });
}

export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const total = parts.reduce((sum, part) => sum + part.shape[axis], 0);
  const shape = parts[0].shape.map((extent, i) => (i === axis ? total : extent));
  const pullback = (dy: Tensor) => {
    let from = 0;
    return parts.map((part) => {
      const to = from + part.shape[axis];
      const piece = slice(dy, axis, from, to);
      from = to;
      return piece;
    });
  };
  return apply("Concat", parts, shape, pullback, { axis });
}

/** Elements from, from + step, … below `to` of one axis. Its gradient is for step 1 only. */
export function slice(x: Tensor, axis: number, from: number, to: number, step = 1): Tensor {
  const extent = Math.ceil((to - from) / step);
  const shape = x.shape.map((old, i) => (i === axis ? extent : old));
  const bounds = [[from], [to], [axis], [step]].map(integers);
  return apply("Slice", [x, ...bounds], shape, (dy) => {
    if (step !== 1) throw new Error("a strided slice has no gradient");
    const before = x.shape.map((_, i) => (i === axis ? from : 0));
    const after = x.shape.map((old, i) => (i === axis ? old - to : 0));
    return [pad(dy, before, after)];
  });
}

/** Zeros before and after each axis. */
export function pad(x: Tensor, before: readonly number[], after: readonly number[]): Tensor {
  const shape = x.shape.map((extent, axis) => before[axis] + extent + after[axis]);
  return apply("Pad", [x, integers([...before, ...after])], shape, (dy) => [
    x.shape.reduce((d, extent, axis) => {
      const full = before[axis] === 0 && after[axis] === 0;
      return full ? d : slice(d, axis, before[axis], before[axis] + extent);
    }, dy),
  ]);
}

/** Sums over axes, which stay with extent 1. */
export function reduceSum(x: Tensor, axes: readonly number[]): Tensor {
  const shape = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const pullback = (dy: Tensor) => [expand(dy, x.shape, (d) => reduceSum(d, axes))];
  return apply("ReduceSum", [x, integers(axes)], shape, pullback, { keepdims: 1 });
}

/** Stretches axes of extent 1; the caller knows the gradient, which depends on what is stretched. */
export const expand = (
  x: Tensor,
  shape: readonly number[],
  pullback: (dy: Tensor) => Tensor,
): Tensor => apply("Expand", [x, integers(shape)], shape, (dy) => [pullback(dy)]);

/** Mean over axes, which stay with extent 1. */
export function reduceMean(x: Tensor, axes: readonly number[]): Tensor {
  const count = axes.reduce((product, axis) => product * x.shape[axis], 1);
  const sum = reduceSum(x, axes);
  const scale = constant([1 / count], []);
  return apply("Mul", [sum, scale], sum.shape, (dy) => [
    apply("Mul", [dy, scale], dy.shape, (d) => [apply("Mul", [d, scale], d.shape)]),
  ]);
}
