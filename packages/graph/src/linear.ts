import { reduceSum, reshape, transpose, unbroadcast } from "./shape";
import { apply, broadcastShape, constant, integers, size, type Tensor } from "./tensor";

const swapLast = (x: Tensor): Tensor => {
  const rank = x.shape.length;
  const axes = x.shape.map((_, axis) => axis);
  return transpose(x, [...axes.slice(0, -2), rank - 1, rank - 2]);
};

/** (…, M, K) x (…, K, N) -> (…, M, N); leading axes broadcast. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  const [m, k] = a.shape.slice(-2);
  const [k2, n] = b.shape.slice(-2);
  if (k !== k2) throw new Error(`matmul of [${a.shape}] and [${b.shape}]`);
  const lead = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return apply("MatMul", [a, b], [...lead, m, n], {
    pullback: (dy) => {
      // A shared matrix on the right: one large product, not a batch of small ones to be summed.
      const shared = b.shape.length === 2 && a.shape.length > 2;
      const flat = (x: Tensor) => reshape(x, [size(x.shape.slice(0, -1)), x.shape.at(-1) ?? 1]);
      const db = shared ? matmul(swapLast(flat(a)), flat(dy)) : matmul(swapLast(a), dy);
      return [unbroadcast(matmul(dy, swapLast(b)), a.shape), unbroadcast(db, b.shape)];
    },
  });
}

/** x (…, in) by w (out, in) plus bias (out,), as PyTorch's Linear. */
export function linear(x: Tensor, w: Tensor, bias?: Tensor): Tensor {
  const [outputs, inputs] = w.shape;
  if (x.shape.at(-1) !== inputs) throw new Error(`linear of [${x.shape}] with [${w.shape}]`);
  const rows = size(x.shape) / inputs;
  const flat = reshape(x, [rows, inputs]);
  const operands = bias ? [flat, w, bias] : [flat, w];
  const y = apply("Gemm", operands, [rows, outputs], {
    attributes: { transB: 1 },
    pullback: (dy) => {
      // Three axes, so that onnxruntime does not fold the transposition into a product that is
      // several times slower with it.
      const turned = transpose(reshape(dy, [rows, 1, outputs]), [2, 0, 1]);
      const dw = matmul(reshape(turned, [outputs, rows]), flat);
      return [matmul(dy, w), dw, bias && reshape(reduceSum(dy, [0]), [outputs])];
    },
  });
  return reshape(y, [...x.shape.slice(0, -1), outputs]);
}

/** Rows of a table: (V, d), ids (…) -> (…, d). The gradient adds into the rows that were used. */
export function gather(table: Tensor, ids: Tensor): Tensor {
  const [, width] = table.shape;
  return apply("Gather", [table, ids], [...ids.shape, width], {
    attributes: { axis: 0 },
    pullback: (dy) => {
      const zeros = constant(new Float32Array(size(table.shape)), table.shape);
      const rows = apply("Unsqueeze", [ids, integers([ids.shape.length])], [...ids.shape, 1], {
        dtype: "i64",
      });
      const attributes = { reduction: "add" };
      return [apply("ScatterND", [zeros, rows, dy], table.shape, { attributes }), undefined];
    },
  });
}
