import * as tf from "@tensorflow/tfjs-core";

/** What `compute` gives on the plain cpu backend, slowly. Tensors that it uses move there, and back later. */
export async function onCpu(compute: () => tf.Tensor): Promise<Float32Array> {
  await import("@tensorflow/tfjs-backend-cpu");
  const usual = tf.getBackend();
  // No wait in between: what else computes meanwhile must not meet this backend.
  void tf.setBackend("cpu");
  try {
    const output = compute();
    const values = output.dataSync() as Float32Array;
    output.dispose();
    return values.slice();
  } finally {
    void tf.setBackend(usual);
  }
}
