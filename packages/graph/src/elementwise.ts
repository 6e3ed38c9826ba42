import { unbroadcast } from "./shape";
import { apply, broadcastShape, scalar, type Tensor } from "./tensor";

export type Operand = Tensor | number;
const tensorOf = (value: Operand): Tensor => (typeof value === "number" ? scalar(value) : value);

function binary(
  type: string,
  left: Operand,
  right: Operand,
  pullback: (dy: Tensor, a: Tensor, b: Tensor) => readonly [Tensor, Tensor],
): Tensor {
  const [a, b] = [tensorOf(left), tensorOf(right)];
  return apply(type, [a, b], broadcastShape(a.shape, b.shape), {
    pullback: (dy) => {
      const [da, db] = pullback(dy, a, b);
      return [unbroadcast(da, a.shape), unbroadcast(db, b.shape)];
    },
  });
}

export const add = (a: Operand, b: Operand): Tensor => binary("Add", a, b, (dy) => [dy, dy]);
export const sub = (a: Operand, b: Operand): Tensor => binary("Sub", a, b, (dy) => [dy, neg(dy)]);
export const mul = (a: Operand, b: Operand): Tensor =>
  binary("Mul", a, b, (dy, x, y) => [mul(dy, y), mul(dy, x)]);
export const div = (a: Operand, b: Operand): Tensor =>
  binary("Div", a, b, (dy, x, y) => [div(dy, y), neg(div(mul(dy, x), mul(y, y)))]);

/** The larger of both; where they are equal the gradient goes to `b`. */
export const maximum = (a: Operand, b: Operand): Tensor =>
  binary("Max", a, b, (dy, x, y) => [where(greater(x, y), dy, 0), where(greater(x, y), 0, dy)]);
export const minimum = (a: Operand, b: Operand): Tensor =>
  binary("Min", a, b, (dy, x, y) => [where(less(x, y), dy, 0), where(less(x, y), 0, dy)]);
export const clip = (x: Tensor, low: number, high: number): Tensor =>
  minimum(maximum(x, low), high);

const unary = (
  type: string,
  x: Tensor,
  derivative: (y: Tensor, x: Tensor) => Operand,
  attributes = {},
): Tensor => {
  const y: Tensor = apply(type, [x], x.shape, {
    attributes,
    pullback: (dy) => [mul(dy, derivative(y, x))],
  });
  return y;
};

export const neg = (x: Tensor): Tensor => unary("Neg", x, () => -1);
export const exp = (x: Tensor): Tensor => unary("Exp", x, (y) => y);
export const log = (x: Tensor): Tensor => unary("Log", x, (_, x) => div(1, x));
export const sqrt = (x: Tensor): Tensor => unary("Sqrt", x, (y) => div(0.5, y));
export const sin = (x: Tensor): Tensor => unary("Sin", x, (_, x) => cos(x));
export const cos = (x: Tensor): Tensor => unary("Cos", x, (_, x) => neg(sin(x)));
export const tanh = (x: Tensor): Tensor => unary("Tanh", x, (y) => sub(1, mul(y, y)));
export const sigmoid = (x: Tensor): Tensor => unary("Sigmoid", x, (y) => mul(y, sub(1, y)));
/** d erf / dx = 2/√π e^(-x²). */
export const erf = (x: Tensor): Tensor =>
  unary("Erf", x, (_, x) => mul(2 / Math.sqrt(Math.PI), exp(neg(square(x)))));
export const square = (x: Tensor): Tensor => mul(x, x);
export const relu = (x: Tensor): Tensor =>
  apply("Relu", [x], x.shape, { pullback: (dy) => [where(greater(x, 0), dy, 0)] });

const compare = (type: string, left: Operand, right: Operand): Tensor => {
  const [a, b] = [tensorOf(left), tensorOf(right)];
  return apply(type, [a, b], broadcastShape(a.shape, b.shape), { dtype: "bool" });
};
export const greater = (a: Operand, b: Operand): Tensor => compare("Greater", a, b);
export const less = (a: Operand, b: Operand): Tensor => compare("Less", a, b);
export const equal = (a: Operand, b: Operand): Tensor => compare("Equal", a, b);

/** Elements of `a` where the condition holds, of `b` elsewhere; all three broadcast. */
export function where(condition: Tensor, left: Operand, right: Operand): Tensor {
  const [a, b] = [tensorOf(left), tensorOf(right)];
  const shape = broadcastShape(condition.shape, broadcastShape(a.shape, b.shape));
  return apply("Where", [condition, a, b], shape, {
    pullback: (dy) => [
      undefined,
      unbroadcast(where(condition, dy, 0), a.shape),
      unbroadcast(where(condition, 0, dy), b.shape),
    ],
  });
}

/** Truth values and integers as f32. */
export const toFloat = (x: Tensor): Tensor =>
  apply("Cast", [x], x.shape, { attributes: { to: 1 } });
