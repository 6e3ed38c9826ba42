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
  const squares = Object.values(gradients).map((g) => sumAll(square(g)));
  const norm = sqrt(squares.reduce((a, b) => add(a, b)));
  const scale = minimum(div(clip, add(norm, 1e-6)), 1);
  const outputs: Record<string, Tensor> = {};
  for (const [name, variable] of Object.entries(variables)) {
    const g = mul(gradients[name], scale);
    const m = add(mul(input(`m:${name}`, variable.shape), beta1), mul(g, 1 - beta1));
    const v = add(mul(input(`v:${name}`, variable.shape), beta2), mul(square(g), 1 - beta2));
    const step = div(div(m, correction1), add(sqrt(div(v, correction2)), epsilon));
    const decayed = weightDecay > 0 ? add(step, mul(variable, weightDecay)) : step;
    outputs[`next:${name}`] = sub(variable, mul(decayed, learningRate));
    outputs[`next:m:${name}`] = m;
    outputs[`next:v:${name}`] = v;
  }
  return outputs;
}
