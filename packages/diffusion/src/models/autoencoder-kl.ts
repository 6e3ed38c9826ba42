import { silu } from "@tandem/graph/activation";
import { add, clip, exp, mul } from "@tandem/graph/elementwise";
import { reshape, slice, transpose } from "@tandem/graph/shape";
import type { Tensor } from "@tandem/graph/tensor";
import { type AttentionLimit, attention } from "./attention";
import { type Json, readConfig } from "./config";
import { convolution, groupNormalised } from "./layers";
import { resnet, upsampled } from "./resnet";
import type { Source } from "./source";

export type AutoencoderKlConfig = ReturnType<typeof parseAutoencoderKl>;

export function parseAutoencoderKl(json: Json) {
  const config = readConfig("AutoencoderKL", json);
  const parsed = {
    channels: config.natural("in_channels", 3),
    outputs: config.natural("out_channels", 3),
    widths: config.naturals("block_out_channels"),
    layers: config.natural("layers_per_block", 1),
    latentChannels: config.natural("latent_channels", 4),
    norm: { groups: config.natural("norm_num_groups", 32), epsilon: 1e-6 },
    scalingFactor: config.real("scaling_factor", 0.18215),
    shiftFactor: config.real("shift_factor", 0),
    quantConv: config.flag("use_quant_conv", true),
    postQuantConv: config.flag("use_post_quant_conv", true),
    middleAttention: config.flag("mid_block_add_attention", true),
  };
  config.divides("norm_num_groups", parsed.norm.groups, parsed.widths, "block_out_channels");
  config.list("down_block_types", ["DownEncoderBlock2D"]);
  config.list("up_block_types", ["UpDecoderBlock2D"]);
  config.one("act_fn", ["silu", "swish"]);
  config.inert("sample_size", "force_upcast");
  config.finish();
  return parsed;
}

/** Pictures (B, 3, h, w) in [-1, 1] to the distribution of their latents, before scaling. */
export function encodeKl(
  p: Source,
  config: AutoencoderKlConfig,
  x: Tensor,
  limit: AttentionLimit = {},
): { readonly mean: Tensor; readonly deviation: Tensor } {
  const { widths, norm, latentChannels } = config;
  let h = convolution(p, "encoder.conv_in", x, widths[0]);
  widths.forEach((width, level) => {
    const name = `encoder.down_blocks.${level}`;
    for (let i = 0; i < config.layers; i++)
      h = resnet(p, `${name}.resnets.${i}`, h, { width, norm });
    if (level === widths.length - 1) return;
    // One row below and one column to the right alone, as the original code padded.
    const options = { stride: 2, padding: [0, 0, 1, 1] } as const;
    h = convolution(p, `${name}.downsamplers.0.conv`, h, width, options);
  });
  h = middle(p, "encoder.mid_block", config, h, limit);
  h = silu(groupNormalised(p, "encoder.conv_norm_out", h, norm));
  h = convolution(p, "encoder.conv_out", h, 2 * latentChannels);
  if (config.quantConv) h = convolution(p, "quant_conv", h, 2 * latentChannels, { kernel: 1 });
  const logVariance = clip(slice(h, 1, latentChannels, 2 * latentChannels), -30, 20);
  return { mean: slice(h, 1, 0, latentChannels), deviation: exp(mul(logVariance, 0.5)) };
}

/** Latents before scaling to pictures. */
export function decodeKl(
  p: Source,
  config: AutoencoderKlConfig,
  z: Tensor,
  limit: AttentionLimit = {},
): Tensor {
  const { norm } = config;
  const widths = [...config.widths].reverse();
  let h = config.postQuantConv
    ? convolution(p, "post_quant_conv", z, config.latentChannels, { kernel: 1 })
    : z;
  h = convolution(p, "decoder.conv_in", h, widths[0]);
  h = middle(p, "decoder.mid_block", config, h, limit);
  widths.forEach((width, level) => {
    const name = `decoder.up_blocks.${level}`;
    for (let i = 0; i <= config.layers; i++)
      h = resnet(p, `${name}.resnets.${i}`, h, { width, norm });
    if (level < widths.length - 1) h = upsampled(p, name, h);
  });
  h = silu(groupNormalised(p, "decoder.conv_norm_out", h, norm));
  return convolution(p, "decoder.conv_out", h, config.outputs);
}

/** Two resnets with attention of all positions, in one head, between them. */
function middle(
  p: Source,
  name: string,
  { norm, middleAttention }: AutoencoderKlConfig,
  x: Tensor,
  limit: AttentionLimit,
): Tensor {
  const [batch, width, height, breadth] = x.shape;
  let h = resnet(p, `${name}.resnets.0`, x, { width, norm });
  if (middleAttention) {
    const block = `${name}.attentions.0`;
    const normal = groupNormalised(p, `${block}.group_norm`, h, norm);
    const flat = transpose(reshape(normal, [batch, width, height * breadth]), [0, 2, 1]);
    const mixed = attention(p, block, flat, flat, { ...limit, heads: 1, bias: true });
    h = add(h, reshape(transpose(mixed, [0, 2, 1]), x.shape));
  }
  return resnet(p, `${name}.resnets.1`, h, { width, norm });
}

const formerNames = { query: "to_q", key: "to_k", value: "to_v", proj_attn: "to_out.0" } as const;

/** Names of files older than diffusers 0.18 as those of today. */
export const currentKlName = (name: string): string =>
  name.replace(
    /(\.attentions\.\d+\.)(query|key|value|proj_attn)\./,
    (_, block: string, old: keyof typeof formerNames) => `${block}${formerNames[old]}.`,
  );
