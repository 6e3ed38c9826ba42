import * as tf from "@tensorflow/tfjs-core";

/** Replaces what tfjs has wrong on WebGPU; e2e/engine.spec.ts runs it in a browser. */
export function registerWebgpuKernels(): void {
  mend("Cast", cast);
  mend("AddN", addN);
}

/** A kernel given the stock one. */
type Mended = (call: Parameters<tf.KernelFunc>[0], stock: tf.KernelFunc) => tf.Tensor;

/**
 * Casts integers to floats for real. The stock kernel renames the type and keeps the integers, and
 * shaders that read them unconverted (Transpose among them) no longer compile: their result is then
 * zeros, or memory that was never written.
 */
const cast: Mended = (call, stock) => {
  const a = live(call.inputs.x);
  const isInteger = a.dtype === "int32" || a.dtype === "bool";
  if (call.attrs?.dtype !== "float32" || !isInteger) return live(stock(call));
  // The kernel and not `tf.mul`, which would cast its operands first.
  return tf.tidy(() => tf.engine().runKernel<tf.Tensor>("Multiply", { a, b: tf.scalar(1) }));
};

/**
 * Adds in groups that a shader can bind: the stock kernel binds a buffer for each input however many
 * there are, and past the device's limit the whole batch of commands is dropped with it.
 */
const addN: Mended = (call, stock) => {
  const inputs = Object.values(call.inputs).map((one) => live(one)); // a list in spite of its type
  const { device } = call.backend as { readonly device: Device };
  const size = device.limits.maxStorageBuffersPerShaderStage - 1; // one is the output
  if (inputs.length <= size) return live(stock(call));
  return tf.tidy(() => {
    const [first, rest] = [inputs.slice(0, size), inputs.slice(size)];
    return tf.addN([tf.addN(first), ...rest]);
  });
};
type Device = { readonly limits: { readonly maxStorageBuffersPerShaderStage: number } };

// tfjs hands kernels live tensors, though their declared type is the bare TensorInfo.
const live = (info: tf.TensorInfo | tf.TensorInfo[] | undefined): tf.Tensor => info as tf.Tensor;

function mend(kernelName: string, kernel: Mended): void {
  const stock = tf.getKernel(kernelName, "webgpu");
  if (!stock) throw new Error(`the webgpu backend has no ${kernelName} kernel`);
  if (mended.has(stock.kernelFunc)) return;
  const kernelFunc: tf.KernelFunc = (call) => kernel(call, stock.kernelFunc);
  mended.add(kernelFunc);
  tf.unregisterKernel(kernelName, "webgpu");
  tf.registerKernel({ ...stock, kernelFunc });
}

const mended = new Set<tf.KernelFunc>();
