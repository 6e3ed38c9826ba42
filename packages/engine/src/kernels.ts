import * as tf from "@tensorflow/tfjs-core";

type Conv2D = {
  readonly strides: number | readonly [number, number];
  readonly pad: "same" | "valid" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
};

// tfjs hands kernels live tensors, though their declared type is the bare TensorInfo.
const live = <T extends tf.Tensor>(info: tf.TensorInfo | undefined): T => info as T;

const strideOf = ({ strides }: Conv2D): number => {
  const [vertical, horizontal] = typeof strides === "number" ? [strides, strides] : strides;
  if (vertical !== horizontal) throw new Error(`strides [${strides}] differ`);
  return vertical;
};

const geometry = (input: readonly number[], filter: readonly number[], attributes: Conv2D) =>
  tf.backend_util.computeConv2DInfo(
    input as [number, number, number, number],
    filter as [number, number, number, number],
    attributes.strides as [number, number],
    1,
    attributes.pad,
    attributes.dimRoundingMode,
  );

/** dW as one convolution: the batch plays the channels, dy is the filter, the stride its dilation. */
export function filterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  filterShape: readonly number[],
  attributes: Conv2D,
): tf.Tensor4D {
  const { padInfo } = geometry(x.shape, filterShape, attributes);
  const stride = strideOf(attributes);
  const padded = tf.pad(x, [
    [0, 0],
    [padInfo.top, padInfo.bottom],
    [padInfo.left, padInfo.right],
    [0, 0],
  ]);
  const images = tf.transpose(padded, [3, 1, 2, 0]) as tf.Tensor4D; // (C, H, W, B)
  const filter = tf.transpose(dy, [1, 2, 0, 3]) as tf.Tensor4D; // (h, w, B, O)
  const full = tf.conv2d(images, filter, 1, "valid", "NHWC", stride); // (C, k', k', O)
  const gradient = tf.transpose(full, [1, 2, 0, 3]) as tf.Tensor4D;
  // A stride that does not reach the far edge leaves rows beyond the filter.
  return tf.slice(gradient, [0, 0, 0, 0], filterShape as [number, number, number, number]);
}

/** dX as a convolution of dy, with zeros between its pixels, with the turned filter. */
export function inputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  inputShape: readonly number[],
  attributes: Conv2D,
): tf.Tensor4D {
  const { padInfo } = geometry(inputShape, filter.shape, attributes);
  const spread = insertZeros(dy, strideOf(attributes)); // (B, h', w', O)
  const [kernel] = filter.shape;
  const before = [kernel - 1 - padInfo.top, kernel - 1 - padInfo.left];
  const after = [1, 2].map(
    (axis) => inputShape[axis] - 1 + kernel - spread.shape[axis] - before[axis - 1],
  );
  const padded = tf.pad(spread, [
    [0, 0],
    [before[0], after[0]],
    [before[1], after[1]],
    [0, 0],
  ]);
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]) as tf.Tensor4D;
  return tf.conv2d(padded as tf.Tensor4D, turned, 1, "valid");
}

function insertZeros(x: tf.Tensor4D, stride: number): tf.Tensor4D {
  if (stride === 1) return x;
  const [batch, height, width, channels] = x.shape;
  const gap = stride - 1;
  const split = tf.reshape(x, [batch * height, 1, width, 1, channels] as never) as tf.Tensor;
  const padded = tf.pad(split, [
    [0, 0],
    [0, gap],
    [0, 0],
    [0, gap],
    [0, 0],
  ] as never);
  const full = tf.reshape(padded, [batch, height * stride, width * stride, channels]);
  const extent = [batch, (height - 1) * stride + 1, (width - 1) * stride + 1, channels] as const;
  return tf.slice(full as tf.Tensor4D, [0, 0, 0, 0], [...extent]);
}

/** Sum of the rows of each segment, as a product with the transposed one-hot matrix. */
export function segmentSum(x: tf.Tensor, ids: tf.Tensor, segments: number): tf.Tensor {
  const count = ids.size;
  const rows = tf.reshape(x, [count, x.size / count]);
  const hot = tf.cast(tf.oneHot(tf.reshape(ids, [count]) as tf.Tensor1D, segments), "float32");
  // wasm multiplies fast only what is not transposed by flag.
  const sums = tf.matMul(tf.transpose(hot) as tf.Tensor2D, rows as tf.Tensor2D);
  return tf.reshape(sums, [segments, ...x.shape.slice(ids.rank)]);
}

/** Registers the kernels that a backend lacks, has wrong, or has only in a slow form. */
export function registerComposedKernels(backend: "wasm" | "cpu"): void {
  const replace = (
    kernelName: string,
    kernel: (context: tf.NamedTensorInfoMap, attributes: never) => tf.Tensor,
  ) => {
    const stock = tf.getKernel(kernelName, backend);
    if (stock) tf.unregisterKernel(kernelName, backend);
    tf.registerKernel({
      kernelName,
      backendName: backend,
      kernelFunc: ({ inputs, attrs }) => tf.tidy(() => kernel(inputs, attrs as never)),
      ...(stock?.setupFunc && { setupFunc: stock.setupFunc }),
      ...(stock?.disposeFunc && { disposeFunc: stock.disposeFunc }),
    });
  };
  replace("Conv2DBackpropFilter", ({ x, dy }, attributes: Conv2D & { filterShape: number[] }) =>
    filterGradient(live(x), live(dy), attributes.filterShape, attributes),
  );
  replace("Conv2DBackpropInput", ({ dy, filter }, attributes: Conv2D & { inputShape: number[] }) =>
    inputGradient(live(dy), live(filter), attributes.inputShape, attributes),
  );
  replace("UnsortedSegmentSum", ({ x, segmentIds }, { numSegments }: { numSegments: number }) =>
    segmentSum(live(x), live(segmentIds), numSegments),
  );
}
