import { gelu } from "@tandem/graph/activation";
import { checkpoint } from "@tandem/graph/checkpoint";
import { add, mul } from "@tandem/graph/elementwise";
import { reshape, transpose } from "@tandem/graph/shape";
import type { Tensor } from "@tandem/graph/tensor";
import { type AttentionLimit, attention } from "./attention";
import { convolution, groupNormalised, layerNormalised, linear, linearHalves } from "./layers";
import type { Source } from "./source";

export type TransformerOptions = AttentionLimit & {
  readonly heads: number;
  readonly layers: number;
  readonly groups: number;
  readonly linearProjection: boolean;
};

/** Transformer2DModel: every position of x (B, C, h, w) attends to all others and to the context (B, L, e). */
export function transformer(
  p: Source,
  name: string,
  x: Tensor,
  context: Tensor,
  options: TransformerOptions,
): Tensor {
  const [batch, width, height, breadth] = x.shape;
  const flatten = (y: Tensor) => transpose(reshape(y, [batch, width, height * breadth]), [0, 2, 1]); // (B, h w, C)
  const unflatten = (y: Tensor) => reshape(transpose(y, [0, 2, 1]), x.shape);
  let h = checkpoint([x], (x) => {
    const normal = groupNormalised(p, `${name}.norm`, x, { groups: options.groups, epsilon: 1e-6 });
    const into = `${name}.proj_in`;
    return options.linearProjection
      ? linear(p, into, flatten(normal), width)
      : flatten(convolution(p, into, normal, width, { kernel: 1 }));
  });
  for (let i = 0; i < options.layers; i++)
    h = checkpoint([h, context], (h, context) =>
      transformerBlock(p, `${name}.transformer_blocks.${i}`, h, context, options),
    );
  return checkpoint([x, h], (x, h) => {
    const out = `${name}.proj_out`;
    const y = options.linearProjection
      ? unflatten(linear(p, out, h, width, { gain: 0 }))
      : convolution(p, out, unflatten(h), width, { kernel: 1, gain: 0 });
    return add(x, y);
  });
}

/** BasicTransformerBlock on (B, n, d). */
function transformerBlock(
  p: Source,
  name: string,
  x: Tensor,
  context: Tensor,
  options: TransformerOptions,
): Tensor {
  const width = x.shape[2];
  const first = layerNormalised(p, `${name}.norm1`, x);
  let h = add(x, attention(p, `${name}.attn1`, first, first, options));
  const second = layerNormalised(p, `${name}.norm2`, h);
  h = add(h, attention(p, `${name}.attn2`, second, context, options));
  const third = layerNormalised(p, `${name}.norm3`, h);
  return add(h, feedForward(p, `${name}.ff`, third, width));
}

/** Linear, a gelu(b) of the halves of its result (arXiv 2002.05202), linear; 4 d wide inside. */
function feedForward(p: Source, name: string, x: Tensor, width: number): Tensor {
  const [a, b] = linearHalves(p, `${name}.net.0.proj`, x, 4 * width);
  return linear(p, `${name}.net.2`, mul(a, gelu(b)), width);
}
