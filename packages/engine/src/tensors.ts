import { type Arrays, arrayOf, type TensorOf } from "@tandem/core/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** Tensors or variables by name. */
export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** One tensor for each array, of its shape; throws unless all are f32. The caller owns them. */
export const tensorsOf = (arrays: Arrays): Tensors =>
  Object.fromEntries(
    Object.keys(arrays).map((name) => {
      const { data, shape } = arrayOf(arrays, name, "f32");
      return [name, tf.tensor(data, [...shape])];
    }),
  );

/** An array (N, w) as it is. The caller owns it. */
export const matrixTensor = ({ data, shape }: TensorOf<"f32">): tf.Tensor2D =>
  tf.tensor2d(data, [shape[0], shape[1]]);

/** Bytes (N, h, w, 3) as floats from 0 to 255. The caller owns it. */
export const imageTensor = ({ data, shape }: TensorOf<"u8">): tf.Tensor4D =>
  tf.tensor4d(data, shape as [number, number, number, number], "float32");
