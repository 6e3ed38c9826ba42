import { TandemError } from "@tandem/core/errors";
import { gelu, silu } from "@tandem/graph/activation";
import { upsample } from "@tandem/graph/convolution";
import { add, div, mul, relu, sub, tanh } from "@tandem/graph/elementwise";
import type { Tensor } from "@tandem/graph/tensor";
import { type Json, readConfig } from "./config";
import { convolution } from "./layers";
import type { Source } from "./source";

const activations = { relu, silu, gelu };

export type AutoencoderTinyConfig = ReturnType<typeof parseAutoencoderTiny>;

export function parseAutoencoderTiny(json: Json) {
  const config = readConfig("AutoencoderTiny", json);
  const parsed = {
    channels: config.natural("in_channels", 3),
    outputs: config.natural("out_channels", 3),
    encoderWidths: config.naturals("encoder_block_out_channels"),
    decoderWidths: config.naturals("decoder_block_out_channels"),
    encoderBlocks: config.naturals("num_encoder_blocks"),
    decoderBlocks: config.naturals("num_decoder_blocks"),
    activation: config.one("act_fn", ["relu", "silu", "gelu"]),
    latentChannels: config.natural("latent_channels", 4),
    upsampling: config.natural("upsampling_scaling_factor", 2),
    scalingFactor: config.real("scaling_factor", 1),
    shiftFactor: config.real("shift_factor", 0),
  };
  // The magnitude and shift of latents stored as bytes, which nothing here does.
  config.inert("latent_magnitude", "latent_shift", "force_upcast", "block_out_channels");
  config.one("upsample_fn", ["nearest"]);
  config.finish();
  for (const side of ["encoder", "decoder"] as const)
    if (parsed[`${side}Widths`].length !== parsed[`${side}Blocks`].length)
      throw new TandemError(
        "bad-config",
        `AutoencoderTiny config: num_${side}_blocks and ${side}_block_out_channels differ in length`,
      );
  return parsed;
}

/** Pictures (B, 3, h, w) in [-1, 1] to latents. */
export function encodeTiny(p: Source, config: AutoencoderTinyConfig, x: Tensor): Tensor {
  const { encoderWidths, encoderBlocks } = config;
  const name = namer("encoder");
  let h = div(add(x, 1), 2);
  encoderWidths.forEach((width, level) => {
    const first = level === 0;
    h = convolution(p, name(), h, width, first ? {} : { stride: 2, padding: 1, bias: false });
    for (let i = 0; i < encoderBlocks[level]; i++) h = block(p, name(), config, h, width);
  });
  return convolution(p, name(), h, config.latentChannels);
}

/** Latents to pictures. */
export function decodeTiny(p: Source, config: AutoencoderTinyConfig, z: Tensor): Tensor {
  const { decoderWidths, decoderBlocks, upsampling } = config;
  const activation = activations[config.activation];
  const name = namer("decoder");
  let h = activation(convolution(p, name(), mul(tanh(div(z, 3)), 3), decoderWidths[0]));
  name(); // the activation
  decoderWidths.forEach((width, level) => {
    const last = level === decoderWidths.length - 1;
    for (let i = 0; i < decoderBlocks[level]; i++) h = block(p, name(), config, h, width);
    if (!last) {
      h = upsample(h, upsampling);
      name(); // the upsampling
    }
    h = convolution(p, name(), h, last ? config.outputs : width, { bias: last });
  });
  return sub(mul(h, 2), 1);
}

/** Names the layers of a torch Sequential in turn. */
function namer(part: string) {
  let layer = 0;
  return () => `${part}.layers.${layer++}`;
}

/** Three convolutions beside the identity, or beside a projection to another width. */
function block(
  p: Source,
  name: string,
  config: AutoencoderTinyConfig,
  x: Tensor,
  width: number,
): Tensor {
  const activation = activations[config.activation];
  let h = activation(convolution(p, `${name}.conv.0`, x, width));
  h = activation(convolution(p, `${name}.conv.2`, h, width));
  h = convolution(p, `${name}.conv.4`, h, width);
  const skip =
    x.shape[1] === width ? x : convolution(p, `${name}.skip`, x, width, { kernel: 1, bias: false });
  return relu(add(h, skip));
}
