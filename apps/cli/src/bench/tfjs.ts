import { createRng } from "@tandem/core/rng";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { convolution, type EngineUnderTest, type Operation } from "./operations";

/** tfjs on one of its backends in Node, with the kernels of packages/engine. */
export async function tfjsEngine(backend: "wasm" | "cpu"): Promise<EngineUnderTest> {
  await startNodeEngine({ prefer: backend });
  return {
    name: `tfjs ${backend}`,
    async prepare(operation) {
      await tf.setBackend(backend);
      const { inputs, compute } = traced(operation);
      return {
        async run() {
          await tf.setBackend(backend);
          const started = performance.now();
          const result = tf.tidy(compute);
          const ms = performance.now() - started;
          result.dispose();
          return ms;
        },
        release: () => tf.dispose(inputs),
      };
    },
  };
}

function traced({ type, product: { m, k, n } }: Operation): {
  readonly inputs: tf.Tensor[];
  readonly compute: () => tf.Tensor;
} {
  const rng = createRng(1);
  const random = (...shape: number[]) =>
    tf.tensor(
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => rng.normal()),
      shape,
    );
  if (type === "matmul") {
    const [a, b] = [random(m, k), random(k, n)];
    return { inputs: [a, b], compute: () => tf.matMul(a, b) };
  }
  const { batch, inputs: channels, outputs, side } = convolution;
  const x = random(batch, side, side, channels) as tf.Tensor4D;
  const filter = random(3, 3, channels, outputs) as tf.Tensor4D;
  const dy = random(batch, side, side, outputs) as tf.Tensor4D;
  const window = { strides: [1, 1], pad: "same", dataFormat: "NHWC", dimRoundingMode: undefined };
  const kernel = (name: string, inputs: tf.NamedTensorMap, attributes: object): tf.Tensor =>
    tf.engine().runKernel(name, inputs, { ...window, ...attributes } as never);
  const compute = {
    forward: () => tf.conv2d(x, filter, 1, "same"),
    dX: () => kernel("Conv2DBackpropInput", { dy, filter }, { inputShape: x.shape }),
    dW: () => kernel("Conv2DBackpropFilter", { x, dy }, { filterShape: filter.shape }),
  };
  return { inputs: [x, filter, dy], compute: compute[type] };
}
