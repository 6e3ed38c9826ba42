import { createRng } from "@tandem/core/rng";
import { conv2d } from "@tandem/graph/convolution";
import { matmul } from "@tandem/graph/linear";
import { compile, type Value, value } from "@tandem/graph/onnx-session";
import { input, size, type Tensor } from "@tandem/graph/tensor";
import { convolution, type EngineUnderTest, type Operation } from "./operations";

/** onnxruntime-node, on graphs of packages/graph. */
export const onnxEngine = (threads: number): EngineUnderTest => ({
  name: `onnxruntime ${threads} thread${threads === 1 ? "" : "s"}`,
  async prepare(operation) {
    const y = traced(operation);
    const compiled = await compile({ y }, { threads });
    const rng = createRng(1);
    const random = (shape: readonly number[]): Value =>
      value(
        Float32Array.from({ length: size(shape) }, () => rng.normal()),
        shape,
      );
    const inputs = Object.fromEntries(
      compiled.inputs.map((name) => [name, random(shapesOf(operation)[name])]),
    );
    const into = { y: random(y.shape) };
    return {
      async run() {
        const started = performance.now();
        await compiled.run(inputs, into);
        return performance.now() - started;
      },
      release: compiled.release,
    };
  },
});

/** The product that an operation is measured by. */
export const asProduct = (operation: Operation): Operation => ({ ...operation, type: "matmul" });

function shapesOf({ product: { m, k, n } }: Operation): Readonly<Record<string, number[]>> {
  const { batch, inputs, outputs, side } = convolution;
  return {
    a: [m, k],
    b: [k, n],
    x: [batch, inputs, side, side],
    w: [outputs, inputs, 3, 3],
    dy: [batch, outputs, side, side],
  };
}

function traced(operation: Operation): Tensor {
  const shapes = shapesOf(operation);
  const named = (name: string) => input(name, shapes[name]);
  if (operation.type === "matmul") return matmul(named("a"), named("b"));
  const forward = conv2d(named("x"), named("w"));
  if (operation.type === "forward") return forward;
  const gradients = forward.pullback?.(named("dy")) ?? [];
  const gradient = gradients[operation.type === "dX" ? 0 : 1];
  if (!gradient) throw new Error(`no gradient for ${operation.type}`);
  return gradient;
}
