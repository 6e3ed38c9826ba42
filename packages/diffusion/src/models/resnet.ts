import { silu } from "@tandem/graph/activation";
import { upsample } from "@tandem/graph/convolution";
import { add, div } from "@tandem/graph/elementwise";
import { reshape } from "@tandem/graph/shape";
import type { Tensor } from "@tandem/graph/tensor";
import { convolution, groupNormalised, linear, type Norm } from "./layers";
import type { Source } from "./source";

export type ResnetOptions = {
  readonly width: number;
  readonly norm: Norm;
  /** (B, e), activated. */
  readonly time?: Tensor;
  readonly outputScale?: number;
};

/** ResnetBlock2D: (B, C, h, w) -> (B, width, h, w). */
export function resnet(p: Source, name: string, x: Tensor, options: ResnetOptions): Tensor {
  const { width, norm, time, outputScale = 1 } = options;
  const [batch, channels] = x.shape;
  let h = silu(groupNormalised(p, `${name}.norm1`, x, norm));
  h = convolution(p, `${name}.conv1`, h, width);
  if (time)
    h = add(h, reshape(linear(p, `${name}.time_emb_proj`, time, width), [batch, width, 1, 1]));
  h = silu(groupNormalised(p, `${name}.norm2`, h, norm));
  h = convolution(p, `${name}.conv2`, h, width, { gain: 0 });
  const skip =
    channels === width ? x : convolution(p, `${name}.conv_shortcut`, x, width, { kernel: 1 });
  const sum = add(skip, h);
  return outputScale === 1 ? sum : div(sum, outputScale);
}

/** Nearest neighbour to twice the size, then a convolution. */
export const upsampled = (p: Source, name: string, x: Tensor): Tensor =>
  convolution(p, `${name}.upsamplers.0.conv`, upsample(x), x.shape[1]);
