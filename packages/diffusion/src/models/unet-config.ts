import { TandemError } from "@tandem/core/errors";
import { type Json, readConfig } from "./config";

export type UnetConfig = ReturnType<typeof parseUnet>;

/** The `config.json` of a UNet2DConditionModel. */
export function parseUnet(json: Json) {
  const config = readConfig("UNet2DConditionModel", json);
  const widths = config.naturals("block_out_channels");
  const blocks = widths.length;
  const down = config.list("down_block_types", ["CrossAttnDownBlock2D", "DownBlock2D"]);
  const up = config.list("up_block_types", ["CrossAttnUpBlock2D", "UpBlock2D"]);
  if (down.length !== blocks || up.length !== blocks)
    throw new TandemError(
      "bad-config",
      `UNet2DConditionModel config: ${blocks} block_out_channels, ${down.length} down_block_types, ${up.length} up_block_types; give as many of each`,
    );
  // diffusers misnamed this field: where num_attention_heads is null it counts the heads.
  const headsField =
    json.num_attention_heads == null ? "attention_head_dim" : "num_attention_heads";
  const heads = config.perBlock(headsField, blocks, 8);
  const classType = config.one("class_embed_type", [null, "projection"]);
  const parsed = {
    inputs: config.natural("in_channels", 4),
    outputs: config.natural("out_channels", 4),
    widths,
    layers: config.perBlock("layers_per_block", blocks, 2),
    transformerLayers: config.perBlock("transformer_layers_per_block", blocks, 1),
    downAttention: down.map((type) => type === "CrossAttnDownBlock2D"),
    upAttention: up.map((type) => type === "CrossAttnUpBlock2D"),
    heads,
    norm: { groups: config.natural("norm_num_groups", 32), epsilon: config.real("norm_eps", 1e-5) },
    contextWidth: config.natural("cross_attention_dim", 1280),
    linearProjection: config.flag("use_linear_projection", false),
    centerInput: config.flag("center_input_sample", false),
    cosineFirst: config.flag("flip_sin_to_cos", true),
    frequencyShift: config.real("freq_shift", 0),
    downPadding: config.real("downsample_padding", 1),
    resnetScale: config.real("resnet_out_scale_factor", 1),
    inKernel: config.natural("conv_in_kernel", 3),
    outKernel: config.natural("conv_out_kernel", 3),
    /** Width of the class labels; 0 for none. */
    classWidth:
      classType === "projection" ? config.natural("projection_class_embeddings_input_dim") : 0,
  };
  config.divides("norm_num_groups", parsed.norm.groups, widths, "block_out_channels");
  for (const [level, width] of widths.entries()) {
    // the middle attends too, in the last level's width
    const attends =
      parsed.downAttention[level] || parsed.upAttention[blocks - 1 - level] || level === blocks - 1;
    if (attends) config.divides(headsField, heads[level], [width], `block_out_channels[${level}]`);
  }
  config.one("mid_block_type", ["UNetMidBlock2DCrossAttn"]);
  config.one("act_fn", ["silu", "swish"]);
  config.one("mid_block_scale_factor", [1]);
  config.one("resnet_time_scale_shift", ["default"]);
  config.one("time_embedding_type", ["positional"]);
  config.one("attention_type", ["default"]);
  config.one("dropout", [0]);
  // Read with a number of heads only by blocks that are refused above, or a matter of f16 alone.
  config.inert("sample_size", "attention_head_dim", "addition_embed_type_num_heads");
  config.inert("upcast_attention", "projection_class_embeddings_input_dim");
  config.finish();
  return parsed;
}
