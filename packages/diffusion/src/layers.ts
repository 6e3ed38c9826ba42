import { conv2d } from "@tandem/graph/convolution";
import { add, mul } from "@tandem/graph/elementwise";
import { matmul } from "@tandem/graph/linear";
import { groupNorm, layerNorm, softmax } from "@tandem/graph/normalise";
import { reshape, transpose } from "@tandem/graph/shape";
import type { Tensor } from "@tandem/graph/tensor";
import type { Parameters } from "./parameters";

// Names and shapes of weights are those of PyTorch: (out, in) and (out, in, k, k).

/** (…, in) -> (…, out). */
export function linear(p: Parameters, name: string, x: Tensor, outputs: number, gain = 1): Tensor {
  const inputs = x.shape.at(-1) ?? 1;
  const deviation = gain / Math.sqrt(inputs);
  const weight = p.get(`${name}.weight`, [outputs, inputs], { deviation });
  const bias = p.get(`${name}.bias`, [outputs], { value: 0 });
  return add(matmul(x, transpose(weight, [1, 0])), bias);
}

/** A linear layer on the caption, which a LoRA may stand beside too. */
export const conditionProjection = (
  p: Parameters,
  name: string,
  x: Tensor,
  outputs: number,
): Tensor => add(projection(p, name, x, outputs), p.get(`${name}.bias`, [outputs], { value: 0 }));

/** A projection without bias that a LoRA may stand beside: x Wᵀ + x Aᵀ Bᵀ (arXiv 2106.09685, r = α). */
export function projection(p: Parameters, name: string, x: Tensor, outputs: number): Tensor {
  const inputs = x.shape.at(-1) ?? 1;
  const deviation = 1 / Math.sqrt(inputs);
  const y = matmul(x, transpose(p.get(`${name}.weight`, [outputs, inputs], { deviation }), [1, 0]));
  if (p.loraRank === 0) return y;
  const a = p.get(`${name}.lora_A.weight`, [p.loraRank, inputs], { deviation });
  const b = p.get(`${name}.lora_B.weight`, [outputs, p.loraRank], { value: 0 });
  return add(y, matmul(matmul(x, transpose(a, [1, 0])), transpose(b, [1, 0])));
}

export function convolution(
  p: Parameters,
  name: string,
  x: Tensor,
  outputs: number,
  options: { readonly kernel?: number; readonly stride?: number; readonly gain?: number } = {},
): Tensor {
  const { kernel = 3, stride = 1, gain = 1 } = options;
  const inputs = x.shape[1];
  const deviation = gain / Math.sqrt(inputs * kernel * kernel);
  const weight = p.get(`${name}.weight`, [outputs, inputs, kernel, kernel], { deviation });
  const bias = p.get(`${name}.bias`, [outputs], { value: 0 });
  return add(conv2d(x, weight, { stride }), reshape(bias, [outputs, 1, 1]));
}

export const groupNormalised = (p: Parameters, name: string, x: Tensor, groups = 8): Tensor =>
  groupNorm(x, {
    scale: p.get(`${name}.weight`, [x.shape[1]], { value: 1 }),
    shift: p.get(`${name}.bias`, [x.shape[1]], { value: 0 }),
    groups,
  });

export function layerNormalised(p: Parameters, name: string, x: Tensor): Tensor {
  const width = [x.shape.at(-1) ?? 1];
  const scale = p.get(`${name}.weight`, width, { value: 1 });
  return layerNorm(x, { scale, shift: p.get(`${name}.bias`, width, { value: 0 }) });
}

/** Multi-head attention of x (B, n, d) over context (B, m, e); mask (B, 1, 1, m) is added to scores. */
export function attention(
  p: Parameters,
  name: string,
  x: Tensor,
  context: Tensor,
  options: { readonly heads: number; readonly mask?: Tensor },
): Tensor {
  const { heads, mask } = options;
  const [batch, n, width] = x.shape;
  const [, m] = context.shape;
  const split = (y: Tensor, length: number, perm: readonly number[]) =>
    transpose(reshape(y, [batch, length, heads, width / heads]), perm);
  const q = split(projection(p, `${name}.to_q`, x, width), n, [0, 2, 1, 3]); // (B, H, n, d/H)
  const k = split(projection(p, `${name}.to_k`, context, width), m, [0, 2, 3, 1]); // (B, H, d/H, m)
  const v = split(projection(p, `${name}.to_v`, context, width), m, [0, 2, 1, 3]);
  const scores = mul(matmul(q, k), 1 / Math.sqrt(width / heads)); // (B, H, n, m)
  const mixed = matmul(softmax(mask ? add(scores, mask) : scores), v);
  const merged = reshape(transpose(mixed, [0, 2, 1, 3]), [batch, n, width]);
  return projection(p, `${name}.to_out.0`, merged, width);
}
