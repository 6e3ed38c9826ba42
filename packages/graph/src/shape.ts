import { apply, integers, scalar, size, type Tensor } from "./tensor";

export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  if (size(shape) !== size(x.shape)) throw new Error(`[${x.shape}] does not reshape to [${shape}]`);
  return apply("Reshape", [x, integers(shape)], shape, {
    dtype: x.dtype,
    pullback: (dy) => [reshape(dy, x.shape)],
  });
}

export function transpose(x: Tensor, perm: readonly number[]): Tensor {
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  const shape = perm.map((axis) => x.shape[axis]);
  return apply("Transpose", [x], shape, {
    attributes: { perm },
    pullback: (dy) => [transpose(dy, inverse)],
  });
}

export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const [{ shape: first }] = parts;
  const odd = parts.find(({ shape }) => shape.some((n, i) => i !== axis && n !== first[i]));
  if (odd) throw new Error(`concat of [${first}] and [${odd.shape}] along ${axis}`);
  const total = parts.reduce((sum, part) => sum + part.shape[axis], 0);
  return apply(
    "Concat",
    parts,
    first.map((extent, i) => (i === axis ? total : extent)),
    {
      attributes: { axis },
      pullback: (dy) => {
        let from = 0;
        return parts.map((part) => {
          const to = from + part.shape[axis];
          const piece = slice(dy, axis, from, to);
          from = to;
          return piece;
        });
      },
    },
  );
}

/** Elements from, from + step, … below `to` of one axis. Its gradient is for step 1 only. */
export function slice(x: Tensor, axis: number, from: number, to: number, step = 1): Tensor {
  const extent = Math.ceil((to - from) / step);
  const shape = x.shape.map((old, i) => (i === axis ? extent : old));
  const bounds = [[from], [to], [axis], [step]].map(integers);
  return apply("Slice", [x, ...bounds], shape, {
    pullback: (dy) => {
      if (step !== 1) throw new Error("a strided slice has no gradient");
      const before = x.shape.map((_, i) => (i === axis ? from : 0));
      const after = x.shape.map((old, i) => (i === axis ? old - to : 0));
      return [pad(dy, before, after)];
    },
  });
}

/** Zeros before and after each axis. */
export function pad(x: Tensor, before: readonly number[], after: readonly number[]): Tensor {
  const shape = x.shape.map((extent, axis) => before[axis] + extent + after[axis]);
  return apply("Pad", [x, integers([...before, ...after])], shape, {
    pullback: (dy) => [
      x.shape.reduce((d, extent, axis) => {
        const full = before[axis] === 0 && after[axis] === 0;
        return full ? d : slice(d, axis, before[axis], before[axis] + extent);
      }, dy),
    ],
  });
}

/** Stretches axes of extent 1 and adds leading ones. */
export const broadcastTo = (x: Tensor, shape: readonly number[]): Tensor =>
  apply("Expand", [x, integers(shape)], shape, { pullback: (dy) => [unbroadcast(dy, x.shape)] });

/** The gradient of a broadcast: sums over the axes that were stretched. */
export function unbroadcast(dy: Tensor, shape: readonly number[]): Tensor {
  const lead = dy.shape.length - shape.length;
  const axes = dy.shape.flatMap((extent, axis) =>
    axis < lead || (shape[axis - lead] === 1 && extent !== 1) ? [axis] : [],
  );
  return axes.length === 0 ? dy : reshape(reduceSum(dy, axes), shape);
}

/** Sums over axes, which stay with extent 1. */
export function reduceSum(x: Tensor, axes: readonly number[]): Tensor {
  const shape = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  return apply("ReduceSum", [x, integers(axes)], shape, {
    attributes: { keepdims: 1 },
    pullback: (dy) => [broadcastTo(dy, x.shape)],
  });
}

/** Mean over axes, which stay with extent 1. */
export function reduceMean(x: Tensor, axes: readonly number[]): Tensor {
  const count = axes.reduce((product, axis) => product * x.shape[axis], 1);
  return scale(reduceSum(x, axes), 1 / count);
}

const scale = (x: Tensor, by: number): Tensor =>
  apply("Mul", [x, scalar(by)], x.shape, { pullback: (dy) => [scale(dy, by), undefined] });

/** Every element, as a tensor of shape []. */
export function sumAll(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return axes.length === 0 ? x : reshape(reduceSum(x, axes), []);
}

/** Index of the largest element of the last axis, the first one of equals: (…, n) -> (…). */
export const argMax = (x: Tensor): Tensor =>
  apply("ArgMax", [x], x.shape.slice(0, -1), {
    dtype: "i64",
    attributes: { axis: x.shape.length - 1, keepdims: 0 },
  });
