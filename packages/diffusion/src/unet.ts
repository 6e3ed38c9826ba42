import { silu } from "@tandem/graph/activation";
import { pixelShuffle, pixelUnshuffle, upsample } from "@tandem/graph/convolution";
import { add, mul } from "@tandem/graph/elementwise";
import { gather } from "@tandem/graph/linear";
import { concat, reduceSum, reshape, transpose } from "@tandem/graph/shape";
import type { Tensor } from "@tandem/graph/tensor";
import {
  attention,
  conditionProjection,
  convolution,
  groupNormalised,
  layerNormalised,
  linear,
} from "./layers";
import type { Parameters } from "./parameters";

/** Shape of the model; saved as the `config.json` of its parts. */
export type ModelConfig = {
  readonly sampleSize: number;
  readonly widths: readonly [number, number];
  readonly heads: number;
  readonly textWidth: number;
  readonly textLength: number;
  readonly vocabularySize: number;
};

export type Conditioning = {
  /** (B, L, e). */
  readonly context: Tensor;
  /** (B, 1, 1, L): 0 where there is a word, very negative where there is none. */
  readonly mask: Tensor;
  /** (B, e), mean over the words. */
  readonly pooled: Tensor;
};

/** Captions as vectors: embedding, one pre-norm transformer layer. ids (B, L), present (B, L, 1). */
export function textEncoder(
  p: Parameters,
  config: ModelConfig,
  ids: Tensor,
  masks: { readonly mask: Tensor; readonly present: Tensor },
): Conditioning {
  const { textWidth, textLength, vocabularySize, heads } = config;
  const table = p.get("text_model.token_embedding.weight", [vocabularySize, textWidth], {
    deviation: 0.5,
  });
  const position = p.get("text_model.position_embedding.weight", [textLength, textWidth], {
    deviation: 0.1,
  });
  let x = add(gather(table, ids), position); // (B, L, e)
  const layer = "text_model.layers.0";
  const normal = layerNormalised(p, `${layer}.layer_norm1`, x);
  x = add(x, attention(p, `${layer}.self_attn`, normal, normal, { heads, mask: masks.mask }));
  const inner = linear(
    p,
    `${layer}.mlp.fc1`,
    layerNormalised(p, `${layer}.layer_norm2`, x),
    2 * textWidth,
  );
  x = add(x, linear(p, `${layer}.mlp.fc2`, silu(inner), textWidth));
  const context = layerNormalised(p, "text_model.final_layer_norm", x);
  const pooled = reduceSum(mul(context, masks.present), [1]); // present sums to 1 over words
  return { context, mask: masks.mask, pooled: reshape(pooled, [x.shape[0], textWidth]) };
}

/** Predicts v from x (B, 3, h, w), time features (B, f) and captions. */
export function unet(
  p: Parameters,
  config: ModelConfig,
  x: Tensor,
  timeFeatures: Tensor,
  text: Conditioning,
): Tensor {
  const [narrow, wide] = config.widths;
  const embedding = 4 * narrow;
  const hidden = silu(linear(p, "time_embedding.linear_1", timeFeatures, embedding));
  const caption = conditionProjection(p, "add_embedding.linear_1", text.pooled, embedding);
  const time = silu(add(linear(p, "time_embedding.linear_2", hidden, embedding), caption)); // (B, 4w)

  const block = (name: string, h: Tensor, width: number) => resnet(p, name, h, time, width);
  const attend = (name: string, h: Tensor) => transformer(p, name, h, text, config.heads);

  const top = block(
    "down_blocks.0.resnets.0",
    convolution(p, "conv_in", pixelUnshuffle(x), narrow),
    narrow,
  );
  let h = convolution(p, "down_blocks.0.downsamplers.0.conv", top, wide, { stride: 2 });
  const low = attend("down_blocks.1.attentions.0", block("down_blocks.1.resnets.0", h, wide));
  h = attend("mid_block.attentions.0", block("mid_block.resnets.0", low, wide));
  h = block("up_blocks.0.resnets.0", concat([h, low], 1), wide);
  h = attend("up_blocks.0.attentions.0", h);
  h = upsample(convolution(p, "up_blocks.0.upsamplers.0.conv", h, narrow));
  h = block("up_blocks.1.resnets.0", concat([h, top], 1), narrow);
  h = silu(groupNormalised(p, "conv_norm_out", h));
  return pixelShuffle(convolution(p, "conv_out", h, 12, { gain: 0 }));
}

function resnet(p: Parameters, name: string, x: Tensor, time: Tensor, width: number): Tensor {
  const [batch, channels] = x.shape;
  const shift = reshape(linear(p, `${name}.time_emb_proj`, time, width), [batch, width, 1, 1]);
  let h = convolution(p, `${name}.conv1`, silu(groupNormalised(p, `${name}.norm1`, x)), width);
  h = silu(groupNormalised(p, `${name}.norm2`, add(h, shift)));
  h = convolution(p, `${name}.conv2`, h, width, { gain: 0 });
  const skip =
    channels === width ? x : convolution(p, `${name}.conv_shortcut`, x, width, { kernel: 1 });
  return add(skip, h);
}

/** Self-attention, cross-attention to the caption, and a feed-forward layer over all positions. */
function transformer(
  p: Parameters,
  name: string,
  x: Tensor,
  text: Conditioning,
  heads: number,
): Tensor {
  const [batch, width, height, breadth] = x.shape;
  const block = `${name}.transformer_blocks.0`;
  const flat = reshape(groupNormalised(p, `${name}.norm`, x), [batch, width, height * breadth]);
  let h = transpose(flat, [0, 2, 1]); // (B, h w, c)
  const first = layerNormalised(p, `${block}.norm1`, h);
  h = add(h, attention(p, `${block}.attn1`, first, first, { heads }));
  const second = layerNormalised(p, `${block}.norm2`, h);
  h = add(h, attention(p, `${block}.attn2`, second, text.context, { heads, mask: text.mask }));
  const inner = silu(
    linear(p, `${block}.ff.net.0.proj`, layerNormalised(p, `${block}.norm3`, h), 2 * width),
  );
  h = add(h, linear(p, `${block}.ff.net.2`, inner, width));
  h = linear(p, `${name}.proj_out`, h, width, 0);
  return add(x, reshape(transpose(h, [0, 2, 1]), x.shape));
}
