import { reduceSum, reshape } from "./shape";
import type { Tensor } from "./tensor";

/** NumPy broadcasting; throws when two extents differ and neither is 1. */
export function broadcastShape(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new Error(`[${a}] and [${b}] do not broadcast`);
    return Math.max(x, y);
  });
}

/** The gradient of a broadcast: sums over the axes that were stretched. */
export function unbroadcast(dy: Tensor, shape: readonly number[]): Tensor {
  const lead = dy.shape.length - shape.length;
  const axes = dy.shape.flatMap((extent, axis) =>
    axis < lead || (shape[axis - lead] === 1 && extent !== 1) ? [axis] : [],
  );
  return axes.length === 0 ? dy : reshape(reduceSum(dy, axes), shape);
}
