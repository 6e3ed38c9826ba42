import { expand, reduceSum, reshape } from "./shape";
import { apply, scalar, type Tensor } from "./tensor";

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

type Operand = Tensor | number;
const tensorOf = (value: Operand): Tensor => (typeof value === "number" ? scalar(value) : value);

function binary(
  type: string,
  left: Operand,
  right: Operand,
  pullback: (dy: Tensor, a: Tensor, b: Tensor) => readonly [Tensor, Tensor],
): Tensor {
  const [a, b] = [tensorOf(left), tensorOf(right)];
  return apply(type, [a, b], broadcastShape(a.shape, b.shape), (dy) => {
    const [da, db] = pullback(dy, a, b);
    return [unbroadcast(da, a.shape), unbroadcast(db, b.shape)];
  });
}

export const add = (a: Operand, b: Operand): Tensor => binary("Add", a, b, (dy) => [dy, dy]);
export const sub = (a: Operand, b: Operand): Tensor => binary("Sub", a, b, (dy) => [dy, neg(dy)]);
export const mul = (a: Operand, b: Operand): Tensor =>
  binary("Mul", a, b, (dy, x, y) => [mul(dy, y), mul(dy, x)]);
export const div = (a: Operand, b: Operand): Tensor =>
  binary("Div", a, b, (dy, x, y) => [div(dy, y), neg(div(mul(dy, x), mul(y, y)))]);

const unary = (type: string, x: Tensor, derivative: (y: Tensor) => Tensor): Tensor => {
  const y: Tensor = apply(type, [x], x.shape, (dy) => [mul(dy, derivative(y))]);
  return y;
};

export const neg = (x: Tensor): Tensor => apply("Neg", [x], x.shape, (dy) => [neg(dy)]);
export const exp = (x: Tensor): Tensor => unary("Exp", x, (y) => y);
export const sqrt = (x: Tensor): Tensor => unary("Sqrt", x, (y) => div(0.5, y));
export const tanh = (x: Tensor): Tensor => unary("Tanh", x, (y) => sub(1, mul(y, y)));
export const sigmoid = (x: Tensor): Tensor => unary("Sigmoid", x, (y) => mul(y, sub(1, y)));
export const square = (x: Tensor): Tensor => mul(x, x);
export const minimum = (a: Tensor, b: Operand): Tensor =>
  apply("Min", [a, tensorOf(b)], broadcastShape(a.shape, tensorOf(b).shape));

/** x σ(x). */
export function silu(x: Tensor): Tensor {
  const s = sigmoid(x);
  return apply("Mul", [x, s], x.shape, (dy) => [
    mul(dy, mul(s, add(1, mul(x, sub(1, s))))), // σ (1 + x (1 - σ)); s itself is not followed
  ]);
}

export const broadcastTo = (x: Tensor, shape: readonly number[]): Tensor =>
  expand(x, shape, (dy) => unbroadcast(dy, x.shape));
