import { add, div, minimum, mul, sqrt, square, sub } from "./elementwise";
import { sumAll } from "./shape";
import { input, type Tensor } from "./tensor";

export type AdamWOptions = {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
  /** Largest norm of all gradients together. */
  readonly clip?: number;
};

/**
 * One step of AdamW with bias correction (arXiv 1711.05101) in the graph. Reads `m:name`, `v:name`,
 * `learningRate`, `correction1` = 1 - β1^t and `correction2` = 1 - β2^t; gives each again as `next:…`.
 */
export function adamW(
  variables: Readonly<Record<string, Tensor>>,
  gradients: Readonly<Record<string, Tensor>>,
  options: AdamWOptions = {},
): Readonly<Record<string, Tensor>> {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, clip = 1 } = options;
  const learningRate = input("learningRate", []);
  const [correction1, correction2] = [input("correction1", []), input("correction2", [])];
  // m/c1 / (√(v/c2) + ε) = √c2/c1 m / (√v + ε √c2): the corrections fall on scalars alone.
  const root = sqrt(correction2);
  const rate = mul(learningRate, div(root, correction1));
  const floor = mul(root, epsilon);
  const decay = sub(1, mul(learningRate, weightDecay));
  const squares = Object.values(gradients).map((g) => sumAll(square(g)));
  const norm = sqrt(squares.reduce((a, b) => add(a, b)));
  const scale = minimum(div(clip, add(norm, 1e-6)), 1);
  const outputs: Record<string, Tensor> = {};
  for (const [name, variable] of Object.entries(variables)) {
    const g = mul(gradients[name], scale);
    const m = add(mul(input(`m:${name}`, variable.shape), beta1), mul(g, 1 - beta1));
    const v = add(mul(input(`v:${name}`, variable.shape), beta2), mul(square(g), 1 - beta2));
    const step = mul(div(m, add(sqrt(v), floor)), rate);
    outputs[`next:${name}`] = sub(weightDecay > 0 ? mul(variable, decay) : variable, step);
    outputs[`next:m:${name}`] = m;
    outputs[`next:v:${name}`] = v;
  }
  return outputs;
}
