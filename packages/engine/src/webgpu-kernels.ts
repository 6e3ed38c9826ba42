import * as tf from "@tensorflow/tfjs-core";

/**
 * Casts integers to floats for real. The stock kernel renames the type and keeps the integers, and
 * shaders that read them unconverted (Transpose among them) no longer compile: their result is then
 * zeros, or memory that was never written.
 */
export function registerWebgpuKernels(): void {
  const stock = tf.getKernel("Cast", "webgpu");
  if (!stock) throw new Error("the webgpu backend has no Cast kernel");
  if (mended.has(stock.kernelFunc)) return;
  const cast: tf.KernelFunc = (call) => {
    const a = call.inputs.x as tf.Tensor; // kernels are handed live tensors
    const isInteger = a.dtype === "int32" || a.dtype === "bool";
    if (call.attrs?.dtype !== "float32" || !isInteger) return stock.kernelFunc(call);
    // The kernel and not `tf.mul`, which would cast its operands first.
    return tf.tidy(() => tf.engine().runKernel<tf.Tensor>("Multiply", { a, b: tf.scalar(1) }));
  };
  mended.add(cast);
  tf.unregisterKernel("Cast", "webgpu");
  tf.registerKernel({ ...stock, kernelFunc: cast });
}

const mended = new Set<tf.KernelFunc>();
