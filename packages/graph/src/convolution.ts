import { mul } from "./elementwise";
import { matmul } from "./linear";
import { concat, pad, reduceSum, reshape, slice, transpose } from "./shape";
import { apply, constant, integers, type Tensor } from "./tensor";

/** Rows or columns of zeros before and after an image. */
export type Padding = readonly [top: number, left: number, bottom: number, right: number];

export type ConvOptions = {
  readonly stride?: number;
  /** Around the image; by default what keeps its size at stride 1. */
  readonly padding?: number | Padding;
  /** (O,). */
  readonly bias?: Tensor;
};

/** (B, C, h, w) * (O, C, k, k) -> (B, O, h', w'), zeros around. */
export function conv2d(x: Tensor, w: Tensor, options: ConvOptions = {}): Tensor {
  const { stride = 1, padding = (w.shape[2] - 1) / 2, bias } = options;
  const [batch, channels, height, width] = x.shape;
  const [outputs, expected, kernel, kernelWidth] = w.shape;
  if (channels !== expected || kernel !== kernelWidth)
    throw new Error(`conv2d of [${x.shape}] with [${w.shape}]`);
  const pads: Padding =
    typeof padding === "number" ? [padding, padding, padding, padding] : padding;
  const [top, left, bottom, right] = pads;
  const [spanY, spanX] = [height + top + bottom - kernel, width + left + right - kernel];
  const [rows, columns] = [Math.floor(spanY / stride) + 1, Math.floor(spanX / stride) + 1];
  const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads };
  const shape = [batch, outputs, rows, columns];
  return apply("Conv", bias ? [x, w, bias] : [x, w], shape, {
    attributes,
    pullback: (dy) => {
      // At stride 1 a convolution with the kernel turned round, which is faster here; otherwise the
      // transposed one, told of the rows and columns at the far edge that the stride left over.
      const dx =
        stride === 1
          ? apply("Conv", [dy, turned(w)], x.shape, {
              attributes: { ...attributes, pads: pads.map((n) => kernel - 1 - n) },
            })
          : apply("ConvTranspose", [dy, w], x.shape, {
              attributes: { ...attributes, output_padding: [spanY % stride, spanX % stride] },
            });
      const dw = weightGradient(x, dy, { kernel, stride, pads });
      const db = bias && reshape(reduceSum(dy, [0, 2, 3]), bias.shape);
      return [dx, dw, db];
    },
  });
}

/** (O, C, k, k) -> (C, O, k, k), rotated by half a turn. */
function turned(w: Tensor): Tensor {
  const last = w.shape[2] - 1;
  const [from, to] = [integers([last, last]), integers([-last - 2, -last - 2])];
  const rotated = apply("Slice", [w, from, to, integers([2, 3]), integers([-1, -1])], w.shape);
  return transpose(last === 0 ? w : rotated, [1, 0, 2, 3]);
}

/**
 * (O, C, k, k) as one large product for each place of the kernel: with the channels last, what the
 * kernel sees there is a matrix. That took half the time of im2col or of a convolution.
 */
function weightGradient(
  x: Tensor,
  dy: Tensor,
  window: { readonly kernel: number; readonly stride: number; readonly pads: Padding },
): Tensor {
  const { kernel, stride, pads } = window;
  const [top, left, bottom, right] = pads;
  const channels = x.shape[1];
  const [batch, outputs, rows, columns] = dy.shape;
  const places = batch * rows * columns;
  const last = transpose(x, [0, 2, 3, 1]); // (B, h, w, C)
  const padded = pads.some((n) => n > 0)
    ? pad(last, [0, top, left, 0], [0, bottom, right, 0])
    : last;
  const flat = reshape(transpose(dy, [1, 0, 2, 3]), [outputs, places]);
  const taps: Tensor[] = [];
  for (let i = 0; i < kernel; i++) {
    const band = slice(padded, 1, i, i + (rows - 1) * stride + 1, stride);
    for (let j = 0; j < kernel; j++) {
      const seen = slice(band, 2, j, j + (columns - 1) * stride + 1, stride); // (B, h', w', C)
      const tap = matmul(flat, reshape(seen, [places, channels]));
      taps.push(reshape(tap, [outputs, channels, 1]));
    }
  }
  return reshape(concat(taps, 2), [outputs, channels, kernel, kernel]);
}

/** Nearest neighbour: (B, C, h, w) -> (B, C, h f, w f). */
export function upsample(x: Tensor, factor = 2): Tensor {
  const [batch, channels, height, width] = x.shape;
  const shape = [batch, channels, height * factor, width * factor];
  const scales = constant([1, 1, factor, factor], [4]);
  return apply("Resize", [x, constant([], [0]), scales], shape, {
    attributes: {
      mode: "nearest",
      nearest_mode: "floor",
      coordinate_transformation_mode: "asymmetric",
    },
    pullback: (dy) => {
      const window = { kernel_shape: [factor, factor], strides: [factor, factor] };
      return [mul(apply("AveragePool", [dy], x.shape, { attributes: window }), factor ** 2)];
    },
  });
}

/** (B, C, h f, w f) -> (B, C f f, h, w), as PyTorch's pixel_unshuffle. */
export function pixelUnshuffle(x: Tensor, factor = 2): Tensor {
  const [batch, channels, height, width] = x.shape;
  const [h, w] = [height / factor, width / factor];
  const split = reshape(x, [batch, channels, h, factor, w, factor]);
  return reshape(transpose(split, [0, 1, 3, 5, 2, 4]), [batch, channels * factor ** 2, h, w]);
}

/** The inverse of `pixelUnshuffle`. */
export function pixelShuffle(x: Tensor, factor = 2): Tensor {
  const [batch, channels, height, width] = x.shape;
  const planes = channels / factor ** 2;
  const split = reshape(x, [batch, planes, factor, factor, height, width]);
  return reshape(transpose(split, [0, 1, 4, 2, 5, 3]), [
    batch,
    planes,
    height * factor,
    width * factor,
  ]);
}
