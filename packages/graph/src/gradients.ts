import { heldUntil } from "./checkpoint";
import { add } from "./elementwise";
import { constant, type Segment, type Tensor } from "./tensor";

/** Results of operations before those that use them; what `leaves` depend on is left out. */
export function topological(
  roots: readonly Tensor[],
  leaves: ReadonlySet<Tensor> = new Set(),
): readonly Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack = roots.map((tensor) => ({ tensor, entered: false })).reverse();
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (top.entered) order.push(top.tensor);
    if (top.entered || seen.has(top.tensor)) continue;
    seen.add(top.tensor);
    stack.push({ tensor: top.tensor, entered: true });
    if (top.tensor.source.kind === "result" && !leaves.has(top.tensor))
      for (const tensor of top.tensor.source.operation.inputs)
        stack.push({ tensor, entered: false });
  }
  return order;
}

export type GradientOptions = {
  /** Builds what `checkpoint` marks again instead of keeping it: less memory, more time. */
  readonly recompute?: boolean;
};

/** d loss / d variables by reverse mode; the loss has one element. Throws if a variable is not used. */
export function gradients(
  loss: Tensor,
  variables: readonly Tensor[],
  options: GradientOptions = {},
): readonly Tensor[] {
  const adjoint = new Map<Tensor, Tensor>([[loss, constant([1], loss.shape)]]);
  const pass: Pass = { ...options, adjoint, variables: new Set(variables), settled: [] };
  pull(pass, { order: topological([loss]), leaves: new Set(), wanted: new Set(variables) });
  return variables.map((variable) => {
    const gradient = adjoint.get(variable);
    if (!gradient) throw new Error(`the loss does not depend on a variable of [${variable.shape}]`);
    return gradient;
  });
}

type Pass = GradientOptions & {
  readonly variables: ReadonlySet<Tensor>;
  readonly adjoint: Map<Tensor, Tensor>;
  /** The gradients that the latest segment gave: the next one is built again after them. */
  settled: readonly Tensor[];
};

type Stretch = {
  readonly order: readonly Tensor[];
  /** Where the stretch begins: gradients end here. */
  readonly leaves: ReadonlySet<Tensor>;
  /** What is differentiated by; then all that depends on it. */
  readonly wanted: Set<Tensor>;
};

/** Carries the gradient of the last tensor of a stretch down to the wanted ones. */
function pull(pass: Pass, { order, leaves, wanted }: Stretch): void {
  // Only what lies between the variables and the loss is differentiated.
  for (const tensor of order)
    if (
      tensor.source.kind === "result" &&
      tensor.source.operation.inputs.some((t) => wanted.has(t))
    )
      wanted.add(tensor);
  for (const tensor of [...order].reverse()) {
    const dy = pass.adjoint.get(tensor);
    if (!dy || !wanted.has(tensor) || leaves.has(tensor)) continue;
    if (tensor.source.kind !== "result") continue;
    if (pass.recompute && tensor.segment) {
      pullSegment(pass, tensor.segment, dy, wanted);
      continue;
    }
    const { operation } = tensor.source;
    if (!tensor.pullback) throw new Error(`${operation.type} has no gradient`);
    tensor.pullback(dy).forEach((part, i) => {
      const into = operation.inputs[i];
      if (part && wanted.has(into)) accumulate(pass, into, part, operation.type);
    });
  }
}

/** The gradient `dy` of what a segment gave, into its inputs and the variables inside it. */
function pullSegment(
  pass: Pass,
  { inputs, build }: Segment,
  dy: Tensor,
  wanted: ReadonlySet<Tensor>,
): void {
  const held = heldUntil(inputs, [dy, ...pass.settled]);
  const leaves = new Set([...held, ...pass.variables]);
  const result = build(...held);
  const order = topological([result], leaves);
  const foreign = order.find((tensor) => wanted.has(tensor) && !leaves.has(tensor));
  if (foreign)
    throw new Error(`a segment uses a tensor of [${foreign.shape}] that it was not given`);
  const own = new Set([...held.filter((_, i) => wanted.has(inputs[i])), ...pass.variables]);
  pass.adjoint.set(result, dy);
  pull(pass, { order, leaves, wanted: own });
  held.forEach((tensor, i) => {
    const part = tensor !== inputs[i] && pass.adjoint.get(tensor);
    if (part) accumulate(pass, inputs[i], part, "a segment");
  });
  const touched = [...inputs, ...order.filter((tensor) => pass.variables.has(tensor))];
  pass.settled = touched.flatMap((tensor) => pass.adjoint.get(tensor) ?? []);
}

function accumulate({ adjoint }: Pass, into: Tensor, part: Tensor, from: string): void {
  if (String(part.shape) !== String(into.shape))
    throw new Error(`gradient of ${from} is [${part.shape}], not [${into.shape}]`);
  const sum = adjoint.get(into);
  adjoint.set(into, sum ? add(sum, part) : part);
}
