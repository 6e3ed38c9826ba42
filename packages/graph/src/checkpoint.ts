import { add, sub, toFloat } from "./elementwise";
import { apply, size, type Tensor } from "./tensor";

/**
 * Marks a stretch of the graph, with what it depends on besides parameters: `gradients` that
 * recompute keep the inputs alone and build what lies between again (arXiv 1604.06174).
 */
export function checkpoint(
  inputs: readonly Tensor[],
  build: (...inputs: readonly Tensor[]) => Tensor,
): Tensor {
  return { ...build(...inputs), segment: { inputs, build } };
}

/**
 * The same values, computed after `earlier`: a nought that is known only then is added. onnxruntime
 * would otherwise compute the segments long before they are needed, or merge them with the first.
 */
export function heldUntil(
  tensors: readonly Tensor[],
  earlier: readonly Tensor[],
): readonly Tensor[] {
  const sizes = earlier.map((tensor) => apply("Size", [tensor], [], { dtype: "i64" }));
  const largest = toFloat(apply("Max", sizes, [], { dtype: "i64" }));
  const nought = sub(largest, Math.max(...earlier.map(({ shape }) => size(shape))));
  return tensors.map((tensor) => (tensor.dtype === "f32" ? add(tensor, nought) : tensor));
}
