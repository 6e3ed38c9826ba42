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

  if (backend === "wasm") {
    mend("BatchMatMul", untransposed);
    mend("MaxPoolGrad", aboveZero);
  }

  function mend(kernelName: string, better: (stock: tf.KernelFunc) => tf.KernelFunc): void {
    const stock = tf.getKernel(kernelName, backend);
    if (!stock || mended.has(stock.kernelFunc)) return;
    const kernel = better(stock.kernelFunc);
    mended.add(kernel);
    register(kernelName, kernel, stock);
  }
}

/** wasm multiplies fast only single matrices that no flag transposes, as flags do in a dense layer's gradients. */
const untransposed =
  (stock: tf.KernelFunc): tf.KernelFunc =>
  (call) => {
    const { transposeA, transposeB } = call.attrs as Readonly<Record<string, boolean>>;
    const [a, b] = [live(call.inputs.a), live(call.inputs.b)];
    const isSingle = [a, b].every(({ shape }) => shape.slice(0, -2).every((size) => size === 1));
    if (!isSingle || !(transposeA || transposeB)) return stock(call);
    const turn = (x: tf.Tensor) => {
      const axes = [...x.shape.keys()];
      return tf.transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
    };
    const inputs = { a: transposeA ? turn(a) : a, b: transposeB ? turn(b) : b };
    const product = stock({ ...call, inputs, attrs: { transposeA: false, transposeB: false } });
    if (transposeA) inputs.a.dispose();
    if (transposeB) inputs.b.dispose();
    return product;
  };

/** It takes 0 for the maximum of a window whose values are all negative, so none may be. */
const aboveZero =
  (stock: tf.KernelFunc): tf.KernelFunc =>
  (call) => {
    const input = live(call.inputs.input);
    const shifted = tf.tidy(() => tf.add(tf.sub(input, tf.min(input)), 1));
    const gradient = stock({ ...call, inputs: { ...call.inputs, input: shifted } });
    shifted.dispose();
    return gradient;
  };

const mended = new Set<tf.KernelFunc>();
