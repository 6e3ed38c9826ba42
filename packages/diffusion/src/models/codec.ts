import { TandemError, unreachable } from "@tandem/core/errors";
import { pixelShuffle, pixelUnshuffle } from "@tandem/graph/convolution";
import { add, div, mul, sub } from "@tandem/graph/elementwise";
import type { Tensor } from "@tandem/graph/tensor";
import type { AttentionLimit } from "./attention";
import { type AutoencoderKlConfig, decodeKl, encodeKl, parseAutoencoderKl } from "./autoencoder-kl";
import {
  type AutoencoderTinyConfig,
  decodeTiny,
  encodeTiny,
  parseAutoencoderTiny,
} from "./autoencoder-tiny";
import type { Json } from "./config";
import { type PixelShuffleConfig, parsePixelShuffle } from "./pixel-shuffle";
import type { Source } from "./source";

/** What stands in a pipeline's `vae` folder. */
export type CodecConfig =
  | ({ readonly type: "AutoencoderKL" } & AutoencoderKlConfig)
  | ({ readonly type: "AutoencoderTiny" } & AutoencoderTinyConfig)
  | ({ readonly type: "PixelShuffle" } & PixelShuffleConfig);

export function parseCodec(json: Json): CodecConfig {
  const type = json._class_name;
  switch (type) {
    case "AutoencoderKL":
      return { type, ...parseAutoencoderKl(json) };
    case "AutoencoderTiny":
      return { type, ...parseAutoencoderTiny(json) };
    case "PixelShuffle":
      return { type, ...parsePixelShuffle(json) };
    default:
      throw new TandemError(
        "not-supported",
        `vae config: "_class_name" is ${JSON.stringify(type)}; supported: AutoencoderKL, AutoencoderTiny, PixelShuffle`,
      );
  }
}

/** Shape of the latents, without the batch, of pictures of (height, width). */
export function latentShape(
  config: CodecConfig,
  [height, width]: readonly [number, number],
): readonly [channels: number, height: number, width: number] {
  const { factor, channels } = geometry(config);
  for (const side of [height, width])
    if (side % factor !== 0) {
      const below = Math.max(factor, side - (side % factor));
      throw new TandemError(
        "bad-config",
        `pictures of ${height} x ${width} pixels: ${side} is no multiple of ${factor}, as ${below} is`,
      );
    }
  return [channels, height / factor, width / factor];
}

function geometry(config: CodecConfig): { readonly factor: number; readonly channels: number } {
  switch (config.type) {
    case "AutoencoderKL":
      return { factor: 2 ** (config.widths.length - 1), channels: config.latentChannels };
    case "AutoencoderTiny":
      return { factor: 2 ** (config.encoderWidths.length - 1), channels: config.latentChannels };
    case "PixelShuffle":
      return { factor: config.factor, channels: 3 * config.factor ** 2 };
    default:
      return unreachable(config);
  }
}

/** Pictures (B, 3, H, W) in [-1, 1] to latents as the U-Net sees them; of a distribution, its mean. */
export function encode(p: Source, config: CodecConfig, x: Tensor, limit?: AttentionLimit): Tensor {
  switch (config.type) {
    case "AutoencoderKL":
      return mul(sub(encodeKl(p, config, x, limit).mean, config.shiftFactor), config.scalingFactor);
    case "AutoencoderTiny":
      return mul(sub(encodeTiny(p, config, x), config.shiftFactor), config.scalingFactor);
    case "PixelShuffle":
      return pixelUnshuffle(x, config.factor);
    default:
      return unreachable(config);
  }
}

/** Latents as the U-Net sees them to pictures. */
export function decode(p: Source, config: CodecConfig, z: Tensor, limit?: AttentionLimit): Tensor {
  switch (config.type) {
    case "AutoencoderKL":
      return decodeKl(p, config, add(div(z, config.scalingFactor), config.shiftFactor), limit);
    case "AutoencoderTiny":
      return decodeTiny(p, config, add(div(z, config.scalingFactor), config.shiftFactor));
    case "PixelShuffle":
      return pixelShuffle(z, config.factor);
    default:
      return unreachable(config);
  }
}
