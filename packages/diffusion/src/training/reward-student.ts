import { TandemError } from "@tandem/core/errors";
import type { Arrays } from "@tandem/core/tensor";
import { conv2d } from "@tandem/graph/convolution";
import { add, div, relu, sqrt, square } from "@tandem/graph/elementwise";
import { matmul } from "@tandem/graph/linear";
import { groupNorm } from "@tandem/graph/normalise";
import { reduceMean, reduceSum, reshape, transpose } from "@tandem/graph/shape";
import type { Tensor } from "@tandem/graph/tensor";
import type { Source } from "../models/source";

/**
 * The image branch of the small convolutional models of `@tandem/models` as a graph, so that what it
 * says has a gradient by the picture: planes (B, 3, h, w) in [-1, 1] to unit rows (B, d) and logits
 * (B, C). Parameters have the model's names and shapes. Throws `not-supported` for other encoders.
 */
export function traceStudent(
  p: Source,
  weights: Arrays,
  planes: Tensor,
): { readonly z: Tensor; readonly logits: Tensor } {
  const get = (name: string) => {
    const found = weights[name];
    if (found) return p.get(name, found.shape, { value: 0 });
    throw new TandemError(
      "not-supported",
      `the student has no "${name}": rewards have a gradient through a plain convolutional one only`,
    );
  };
  const dense = (x: Tensor, name: string) =>
    add(matmul(x, get(`${name}.weight`)), get(`${name}.bias`));
  let x = planes;
  for (let i = 0; i === 0 || `image.conv${i}.weight` in weights; i++) {
    const kernel = transpose(get(`image.conv${i}.weight`), [3, 2, 0, 1]);
    const [top, left, bottom, right] = same(x.shape);
    const affine = {
      scale: get(`image.conv${i}.norm.scale`),
      shift: get(`image.conv${i}.norm.shift`),
      epsilon: 1e-5,
      groups: 4,
    };
    x = conv2d(x, kernel, { stride: 2, padding: [top, left, bottom, right] });
    x = relu(groupNorm(x, affine));
  }
  const features = reshape(reduceMean(x, [2, 3]), x.shape.slice(0, 2)); // (B, width)
  const projected = dense(features, "image.projector");
  const norm = sqrt(add(reduceSum(square(projected), [1]), 1e-12));
  return { z: div(projected, norm), logits: dense(features, "image.head") };
}

/** TensorFlow's "same" for a kernel of 3 at stride 2: the odd row goes below and to the right. */
function same([, , height, width]: readonly number[]) {
  const total = (extent: number) => Math.max(0, (Math.ceil(extent / 2) - 1) * 2 + 3 - extent);
  const [rows, columns] = [total(height), total(width)];
  const [top, left] = [Math.floor(rows / 2), Math.floor(columns / 2)];
  return [top, left, rows - top, columns - left] as const;
}
