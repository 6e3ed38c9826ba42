import * as tf from "@tensorflow/tfjs-core";
import { type ConvolutionAttributes, filterGradient, inputGradient } from "./convolution-gradients";
import { depthwiseFilterGradient, depthwiseInputGradient } from "./depthwise-gradients";

/** Sum of the rows of each segment, as a product with the transposed one-hot matrix. */
export function segmentSum(x: tf.Tensor, ids: tf.Tensor, segments: number): tf.Tensor {
  const count = ids.size;
  const rows = tf.reshape(x, [count, x.size / count]);
  const hot = tf.cast(tf.oneHot(tf.reshape(ids, [count]) as tf.Tensor1D, segments), "float32");
  // wasm multiplies fast only what is not transposed by flag.
  const sums = tf.matMul(tf.transpose(hot) as tf.Tensor2D, rows as tf.Tensor2D);
  return tf.reshape(sums, [segments, ...x.shape.slice(ids.rank)]);
}

// tfjs hands kernels live tensors, though their declared type is the bare TensorInfo.
const live = <T extends tf.Tensor>(info: tf.TensorInfo | undefined): T => info as T;

type FilterAttributes = ConvolutionAttributes & { readonly filterShape: readonly number[] };
type InputAttributes = ConvolutionAttributes & { readonly inputShape: readonly number[] };

/** Registers the kernels that a backend lacks, has wrong, or has only in a slow form. */
export function registerComposedKernels(backend: "wasm" | "cpu"): void {
  const register = (
    kernelName: string,
    kernelFunc: tf.KernelFunc,
    stock: tf.KernelConfig | undefined,
  ) => {
    if (stock) tf.unregisterKernel(kernelName, backend);
    tf.registerKernel({ ...stock, kernelName, backendName: backend, kernelFunc });
  };
  const replace = (
    kernelName: string,
    kernel: (inputs: tf.NamedTensorInfoMap, attributes: never) => tf.Tensor,
  ) =>
    register(
      kernelName,
      ({ inputs, attrs }) => tf.tidy(() => kernel(inputs, attrs as never)),
      tf.getKernel(kernelName, backend),
    );

  replace("Conv2DBackpropFilter", ({ x, dy }, attributes: FilterAttributes) =>
    filterGradient(live(x), live(dy), attributes.filterShape, attributes),
  );
  replace("Conv2DBackpropInput", ({ dy, filter }, attributes: InputAttributes) =>
    inputGradient(live(dy), live(filter), attributes.inputShape, attributes),
  );
  replace("DepthwiseConv2dNativeBackpropFilter", ({ x, dy }, attributes: FilterAttributes) =>
    depthwiseFilterGradient(live(x), live(dy), attributes.filterShape, attributes),
  );
  replace("DepthwiseConv2dNativeBackpropInput", ({ dy, filter }, attributes: InputAttributes) =>
    depthwiseInputGradient(live(dy), live(filter), attributes.inputShape, attributes),
  );
  replace("UnsortedSegmentSum", ({ x, segmentIds }, { numSegments }: { numSegments: number }) =>
    segmentSum(live(x), live(segmentIds), numSegments),
  );

  const pool = tf.getKernel("MaxPoolGrad", backend);
  if (backend === "wasm" && pool && !mended.has(pool.kernelFunc)) {
    // It takes 0 for the maximum of a window whose values are all negative, so none may be.
    const positive: tf.KernelFunc = (call) => {
      const input = live(call.inputs.input);
      const shifted = tf.tidy(() => tf.add(tf.sub(input, tf.min(input)), 1));
      const gradient = pool.kernelFunc({ ...call, inputs: { ...call.inputs, input: shifted } });
      shifted.dispose();
      return gradient;
    };
    mended.add(positive);
    register("MaxPoolGrad", positive, pool);
  }
}

const mended = new Set<tf.KernelFunc>();
