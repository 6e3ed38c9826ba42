import { type ConvOptions, conv2d } from "@tandem/graph/convolution";
import { add, mul } from "@tandem/graph/elementwise";
import * as graph from "@tandem/graph/linear";
import { groupNorm, layerNorm } from "@tandem/graph/normalise";
import { slice } from "@tandem/graph/shape";
import type { Tensor } from "@tandem/graph/tensor";
import type { Source } from "./source";

// Weights are named and shaped as in PyTorch: (out, in) and (out, in, k, k).

/** `gain` scales the initial weights; 0 makes a residual branch begin as nothing. */
type LinearOptions = { readonly bias?: boolean; readonly gain?: number };

/** (…, in) -> (…, out). */
export function linear(
  p: Source,
  name: string,
  x: Tensor,
  outputs: number,
  { bias = true, gain = 1 }: LinearOptions = {},
): Tensor {
  const inputs = x.shape.at(-1) ?? 1;
  const deviation = gain / Math.sqrt(inputs);
  const w = p.get(`${name}.weight`, [outputs, inputs], { deviation });
  const y = graph.linear(x, w, bias ? p.get(`${name}.bias`, [outputs], { value: 0 }) : undefined);
  const lora = linearLora(p, name, inputs, outputs);
  return lora ? add(y, mul(graph.linear(graph.linear(x, lora.a), lora.b), lora.factor)) : y;
}

/** The two halves of a linear layer of 2 x `outputs`: cutting its weights is cheaper than its result. */
export function linearHalves(
  p: Source,
  name: string,
  x: Tensor,
  outputs: number,
): readonly [Tensor, Tensor] {
  const inputs = x.shape.at(-1) ?? 1;
  const deviation = 1 / Math.sqrt(inputs);
  const w = p.get(`${name}.weight`, [2 * outputs, inputs], { deviation });
  const bias = p.get(`${name}.bias`, [2 * outputs], { value: 0 });
  const lora = linearLora(p, name, inputs, 2 * outputs);
  const low = lora && mul(graph.linear(x, lora.a), lora.factor);
  const half = (from: number) => {
    const cut = (of: Tensor) => slice(of, 0, from, from + outputs);
    const y = graph.linear(x, cut(w), cut(bias));
    return lora && low ? add(y, graph.linear(low, cut(lora.b))) : y;
  };
  return [half(0), half(outputs)];
}

function linearLora(p: Source, name: string, inputs: number, outputs: number) {
  const lora = loraOf(p, name);
  if (!lora) return undefined;
  const deviation = 1 / Math.sqrt(inputs);
  const a = p.get(`${name}.lora_A.weight`, [lora.rank, inputs], { deviation });
  const b = p.get(`${name}.lora_B.weight`, [outputs, lora.rank], { value: 0 });
  return { a, b, factor: lora.factor };
}

export function convolution(
  p: Source,
  name: string,
  x: Tensor,
  outputs: number,
  options: LinearOptions &
    Pick<ConvOptions, "stride" | "padding"> & { readonly kernel?: number } = {},
): Tensor {
  const { kernel = 3, bias = true, gain = 1, ...window } = options;
  const inputs = x.shape[1];
  const deviation = 1 / Math.sqrt(inputs * kernel * kernel);
  const w = p.get(`${name}.weight`, [outputs, inputs, kernel, kernel], {
    deviation: gain * deviation,
  });
  const shift = bias ? { bias: p.get(`${name}.bias`, [outputs], { value: 0 }) } : {};
  const y = conv2d(x, w, { ...window, ...shift });
  const lora = loraOf(p, name);
  if (!lora) return y;
  const a = p.get(`${name}.lora_A.weight`, [lora.rank, inputs, kernel, kernel], { deviation });
  const b = p.get(`${name}.lora_B.weight`, [outputs, lora.rank, 1, 1], { value: 0 });
  return add(y, mul(conv2d(conv2d(x, a, window), b), lora.factor));
}

function loraOf({ lora, prefix }: Source, name: string) {
  if (!lora?.targets(`${prefix}${name}`)) return undefined;
  return { rank: lora.rank, factor: (lora.alpha ?? lora.rank) / lora.rank };
}

const affine = (p: Source, name: string, width: number) => ({
  scale: p.get(`${name}.weight`, [width], { value: 1 }),
  shift: p.get(`${name}.bias`, [width], { value: 0 }),
});

export type Norm = { readonly groups: number; readonly epsilon: number };

export const groupNormalised = (p: Source, name: string, x: Tensor, norm: Norm): Tensor =>
  groupNorm(x, { ...affine(p, name, x.shape[1]), ...norm });

export const layerNormalised = (p: Source, name: string, x: Tensor, epsilon = 1e-5): Tensor =>
  layerNorm(x, { ...affine(p, name, x.shape.at(-1) ?? 1), epsilon });
