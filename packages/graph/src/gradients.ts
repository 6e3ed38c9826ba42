import { add } from "./elementwise";
import { constant, type Tensor } from "./tensor";

/** Results of operations before those that use them. */
export function topological(roots: readonly Tensor[]): readonly Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack = roots.map((tensor) => ({ tensor, entered: false })).reverse();
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (top.entered) order.push(top.tensor);
    if (top.entered || seen.has(top.tensor)) continue;
    seen.add(top.tensor);
    stack.push({ tensor: top.tensor, entered: true });
    if (top.tensor.source.kind === "result")
      for (const tensor of top.tensor.source.operation.inputs)
        stack.push({ tensor, entered: false });
  }
  return order;
}

/** d loss / d variables by reverse mode; the loss has one element. Throws if a variable is not used. */
export function gradients(loss: Tensor, variables: readonly Tensor[]): readonly Tensor[] {
  const order = topological([loss]);
  const wanted = new Set(variables);
  // Only what lies between the variables and the loss is differentiated.
  for (const tensor of order)
    if (
      tensor.source.kind === "result" &&
      tensor.source.operation.inputs.some((t) => wanted.has(t))
    )
      wanted.add(tensor);
  const adjoint = new Map<Tensor, Tensor>([[loss, constant([1], loss.shape)]]);
  for (const tensor of [...order].reverse()) {
    const dy = adjoint.get(tensor);
    if (!dy || !wanted.has(tensor) || tensor.source.kind !== "result") continue;
    const { operation } = tensor.source;
    if (!tensor.pullback) throw new Error(`${operation.type} has no gradient`);
    tensor.pullback(dy).forEach((part, i) => {
      const into = operation.inputs[i];
      if (!part || !wanted.has(into)) return;
      if (String(part.shape) !== String(into.shape))
        throw new Error(`gradient of ${operation.type} is [${part.shape}], not [${into.shape}]`);
      const sum = adjoint.get(into);
      adjoint.set(into, sum ? add(sum, part) : part);
    });
  }
  return variables.map((variable) => {
    const gradient = adjoint.get(variable);
    if (!gradient) throw new Error(`the loss does not depend on a variable of [${variable.shape}]`);
    return gradient;
  });
}
