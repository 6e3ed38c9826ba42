import { silu } from "@tandem/graph/activation";
import { checkpoint } from "@tandem/graph/checkpoint";
import { add, cos, mul, sin, sub } from "@tandem/graph/elementwise";
import { concat, reshape, slice } from "@tandem/graph/shape";
import { constant, type Tensor } from "@tandem/graph/tensor";
import type { AttentionLimit } from "./attention";
import { convolution, groupNormalised, linear } from "./layers";
import { resnet, upsampled } from "./resnet";
import type { Source } from "./source";
import { transformer } from "./transformer";
import type { UnetConfig } from "./unet-config";

export type UnetInputs = {
  /** (B, C, h, w). */
  readonly sample: Tensor;
  /** (B,), f32, of the scheduler's training steps. */
  readonly timestep: Tensor;
  /** (B, L, e). */
  readonly context: Tensor;
  /** (B, c), where the config's class_embed_type is "projection". */
  readonly classLabels?: Tensor;
};

/** UNet2DConditionModel: the prediction for a noised sample, (B, out, h, w). */
export function unet(
  p: Source,
  config: UnetConfig,
  { sample, timestep, context, classLabels }: UnetInputs,
  limit: AttentionLimit = {},
): Tensor {
  const { widths, layers, norm } = config;
  const time = silu(timeEmbedding(p, config, timestep, classLabels)); // (B, 4 w)
  const block = (name: string, parts: readonly Tensor[], width: number) =>
    checkpoint([time, ...parts], (time, ...parts) => {
      const x = parts.length === 1 ? parts[0] : concat(parts, 1);
      return resnet(p, name, x, { width, norm, time, outputScale: config.resnetScale });
    });
  const attend = (name: string, x: Tensor, level: number) =>
    transformer(p, name, x, context, {
      ...limit,
      heads: config.heads[level],
      layers: config.transformerLayers[level],
      groups: norm.groups,
      linearProjection: config.linearProjection,
    });

  const centred = config.centerInput ? sub(mul(sample, 2), 1) : sample;
  let h = convolution(p, "conv_in", centred, widths[0], { kernel: config.inKernel });
  const skips = [h];
  widths.forEach((width, level) => {
    const name = `down_blocks.${level}`;
    for (let i = 0; i < layers[level]; i++) {
      h = block(`${name}.resnets.${i}`, [h], width);
      if (config.downAttention[level]) h = attend(`${name}.attentions.${i}`, h, level);
      skips.push(h);
    }
    if (level === widths.length - 1) return;
    const options = { stride: 2, padding: config.downPadding };
    h = checkpoint([h], (h) => convolution(p, `${name}.downsamplers.0.conv`, h, width, options));
    skips.push(h);
  });

  const deepest = widths.length - 1;
  const middle = widths[deepest];
  h = block("mid_block.resnets.0", [h], middle);
  h = attend("mid_block.attentions.0", h, deepest);
  h = block("mid_block.resnets.1", [h], middle);

  for (let step = 0; step <= deepest; step++) {
    const level = deepest - step;
    const name = `up_blocks.${step}`;
    for (let i = 0; i <= layers[level]; i++) {
      const skip = skips.pop() ?? h;
      h = block(`${name}.resnets.${i}`, [cropped(h, skip.shape), skip], widths[level]);
      if (config.upAttention[step]) h = attend(`${name}.attentions.${i}`, h, level);
    }
    if (level > 0) h = checkpoint([h], (h) => upsampled(p, name, h));
  }
  h = silu(groupNormalised(p, "conv_norm_out", h, norm));
  return convolution(p, "conv_out", h, config.outputs, { kernel: config.outKernel, gain: 0 });
}

/** An odd size was rounded up on the way down: upsampling gives one row or column too many. */
function cropped(x: Tensor, [, , height, width]: readonly number[]): Tensor {
  const rows = x.shape[2] > height ? slice(x, 2, 0, height) : x;
  return rows.shape[3] > width ? slice(rows, 3, 0, width) : rows;
}

function timeEmbedding(
  p: Source,
  config: UnetConfig,
  timestep: Tensor,
  classLabels: Tensor | undefined,
): Tensor {
  const width = 4 * config.widths[0];
  const mlp = (name: string, x: Tensor) =>
    linear(p, `${name}.linear_2`, silu(linear(p, `${name}.linear_1`, x, width)), width);
  const time = mlp("time_embedding", sinusoids(timestep, config));
  if (config.classWidth === 0) return time;
  if (classLabels?.shape[1] !== config.classWidth)
    throw new Error(`class labels of width ${config.classWidth} are missing`);
  return add(time, mlp("class_embedding", classLabels));
}

/** (B,) -> (B, w): sines and cosines of falling frequencies. */
function sinusoids(timestep: Tensor, config: UnetConfig): Tensor {
  const half = config.widths[0] / 2;
  const scale = -Math.log(10_000) / (half - config.frequencyShift);
  const frequencies = Array.from({ length: half }, (_, i) => Math.exp(i * scale));
  const angles = mul(reshape(timestep, [timestep.shape[0], 1]), constant(frequencies, [half]));
  return concat(config.cosineFirst ? [cos(angles), sin(angles)] : [sin(angles), cos(angles)], 1);
}
