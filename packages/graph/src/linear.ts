import { unbroadcast } from "./elementwise";
import { concat, pad, reduceSum, reshape, slice, transpose } from "./shape";
import { apply, constant, integers, size, type Tensor } from "./tensor";

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
  const lead = a.shape.length >= b.shape.length ? a.shape.slice(0, -2) : b.shape.slice(0, -2);
  return apply("MatMul", [a, b], [...lead, m, n], (dy) => {
    // A shared matrix on the right: one large product instead of a batch of small ones to be summed.
    const shared = b.shape.length === 2 && a.shape.length > 2;
    const flat = (x: Tensor) => reshape(x, [size(x.shape.slice(0, -1)), x.shape.at(-1) ?? 1]);
    const db = shared ? matmul(swapLast(flat(a)), flat(dy)) : matmul(swapLast(a), dy);
    return [unbroadcast(matmul(dy, swapLast(b)), a.shape), unbroadcast(db, b.shape)];
  });
}

/** (B, C, h, w) * (O, C, k, k) -> (B, O, h', w'), zeros around. */
export function conv2d(x: Tensor, w: Tensor, stride = 1, padding = (w.shape[2] - 1) / 2): Tensor {
  const [batch, channels, height, width] = x.shape;
  const [outputs, expected, kernel] = w.shape;
  if (channels !== expected) throw new Error(`conv2d of [${x.shape}] with [${w.shape}]`);
  const extent = (n: number) => Math.floor((n + 2 * padding - kernel) / stride) + 1;
  const [h, v] = [extent(height), extent(width)];
  const window = {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  };
  const pullback = (dy: Tensor) => {
    // Rows that the stride left over at the far edge.
    const rest = (n: number, out: number) => n - ((out - 1) * stride - 2 * padding + kernel);
    const dx = apply("ConvTranspose", [dy, w], x.shape, undefined, {
      ...window,
      output_padding: [rest(height, h), rest(width, v)],
    });
    const columns = imageToColumns(x, kernel, stride, padding, h, v); // (B, C k k, h v)
    const rows = reshape(dy, [batch, outputs, h * v]);
    const dw = reduceSum(matmul(rows, transpose(columns, [0, 2, 1])), [0]); // (1, O, C k k)
    return [dx, reshape(dw, w.shape)];
  };
  return apply("Conv", [x, w], [batch, outputs, h, v], pullback, window);
}

/** (B, C, h, w) -> (B, C k k, h' w'), channel-major: faster here than a convolution for dW. */
function imageToColumns(
  x: Tensor,
  kernel: number,
  stride: number,
  padding: number,
  h: number,
  w: number,
): Tensor {
  const [batch, channels] = x.shape;
  if (kernel === 1 && stride === 1) return reshape(x, [batch, channels, h * w]);
  const edge = [0, 0, padding, padding];
  const padded = padding > 0 ? pad(x, edge, edge) : x;
  const taps: Tensor[] = [];
  for (let i = 0; i < kernel; i++) {
    const rows = slice(padded, 2, i, i + (h - 1) * stride + 1, stride);
    for (let j = 0; j < kernel; j++) {
      const tap = slice(rows, 3, j, j + (w - 1) * stride + 1, stride);
      taps.push(reshape(tap, [batch, channels, 1, h * w]));
    }
  }
  return reshape(concat(taps, 2), [batch, channels * kernel * kernel, h * w]);
}

/** Rows of a table: (V, d), ids (n,) -> (n, d). The gradient adds into the rows that were used. */
export function gather(table: Tensor, ids: Tensor): Tensor {
  const [, width] = table.shape;
  return apply(
    "Gather",
    [table, ids],
    [...ids.shape, width],
    (dy) => {
      const zeros = constant(new Float32Array(size(table.shape)), table.shape);
      const rows = {
        ...apply("Unsqueeze", [ids, integers([ids.shape.length])], [...ids.shape, 1]),
        dtype: "i64" as const,
      };
      return [
        apply("ScatterND", [zeros, rows, dy], table.shape, undefined, { reduction: "add" }),
        undefined,
      ];
    },
    { axis: 0 },
  );
}
