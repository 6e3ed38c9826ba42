import { add, div, erf, exp, mul, sigmoid, square, sub, tanh } from "./elementwise";
import { apply, type Tensor } from "./tensor";

/** x σ(s x); s = 1 is SiLU. Its gradient does not follow σ itself: one sigmoid for both passes. */
function swish(x: Tensor, s: number): Tensor {
  const gate = sigmoid(s === 1 ? x : mul(x, s));
  const y: Tensor = apply("Mul", [x, gate], x.shape, {
    pullback: (dy) => {
      // σ + s x σ (1 - σ) = σ + s y (1 - σ); for s = 1 that is y + σ (1 - y).
      if (s === 1) return [mul(dy, add(y, mul(gate, sub(1, y))))];
      return [mul(dy, add(gate, mul(mul(y, s), sub(1, gate))))];
    },
  });
  return y;
}

export const silu = (x: Tensor): Tensor => swish(x, 1);
export const quickGelu = (x: Tensor): Tensor => swish(x, 1.702);

/** x Φ(x) with the normal distribution Φ (arXiv 1606.08415). */
export function gelu(x: Tensor): Tensor {
  const phi = mul(0.5, add(1, erf(div(x, Math.SQRT2))));
  return apply("Mul", [x, phi], x.shape, {
    // Φ + x e^(-x²/2) / √(2π)
    pullback: (dy) => {
      const density = mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return [mul(dy, add(phi, mul(x, density)))];
    },
  });
}

/** The tanh approximation of `gelu`. */
export function geluTanh(x: Tensor): Tensor {
  const inner = mul(Math.sqrt(2 / Math.PI), mul(x, add(1, mul(0.044715, square(x)))));
  return mul(mul(0.5, x), add(1, tanh(inner)));
}
