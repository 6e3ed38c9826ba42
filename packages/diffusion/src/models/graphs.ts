import { type AdamWOptions, adamW } from "@tandem/graph/adamw";
import { mul, square, sub } from "@tandem/graph/elementwise";
import { gradients } from "@tandem/graph/gradients";
import { reduceMean, reshape, sumAll } from "@tandem/graph/shape";
import { input, type Tensor } from "@tandem/graph/tensor";
import type { AttentionLimit } from "./attention";
import { type ClipTextConfig, clipText, type EncodedText } from "./clip-text";
import { type Source, within } from "./source";
import { unet } from "./unet";
import type { UnetConfig } from "./unet-config";

export type GraphShape = AttentionLimit & {
  readonly batch: number;
  /** Tokens of a caption. */
  readonly length: number;
  readonly latents: readonly [channels: number, height: number, width: number];
};

/** Parameters "text_encoder.…" and the input `ids` (B, L). */
export const traceText = (
  p: Source,
  config: ClipTextConfig,
  { batch, length }: Pick<GraphShape, "batch" | "length">,
): EncodedText =>
  clipText(within(p, "text_encoder."), config, input("ids", [batch, length], "i64"));

/** The text as inputs `context` (B, L, e) and `pooled` (B, c), where it was encoded before. */
export const encodedInputs = (
  config: UnetConfig,
  { batch, length }: Pick<GraphShape, "batch" | "length">,
): Pick<EncodedText, "last" | "pooled"> => ({
  last: input("context", [batch, length, config.contextWidth]),
  pooled: input("pooled", [batch, config.classWidth]),
});

/** Parameters "unet.…" and the inputs `sample` (B, C, h, w) and `timestep` (B,). */
export function traceDenoiser(
  p: Source,
  config: UnetConfig,
  shape: GraphShape,
  text: Pick<EncodedText, "last" | "pooled"> = encodedInputs(config, shape),
): Tensor {
  const { batch, latents, maxScoreBytes } = shape;
  const inputs = {
    sample: input("sample", [batch, ...latents]),
    timestep: input("timestep", [batch]),
    context: text.last,
    ...(config.classWidth > 0 && { classLabels: text.pooled }),
  };
  return unet(within(p, "unet."), config, inputs, maxScoreBytes ? { maxScoreBytes } : {});
}

/** Σ ω_i mse(predicted_i, target_i) / B, of the inputs `target` and `weights` (B,). */
export function weightedLoss(predicted: Tensor): Tensor {
  const [batch] = predicted.shape;
  const error = square(sub(predicted, input("target", predicted.shape)));
  const each = reshape(reduceMean(error, [1, 2, 3]), [batch]);
  return mul(sumAll(mul(each, input("weights", [batch]))), 1 / batch);
}

/** Gradients of the loss by the parameters of the source for which `trained` holds. */
export function parameterGradients(loss: Tensor, p: Source, trained: (name: string) => boolean) {
  const names = Object.keys(p.tensors).filter(trained);
  const variables = names.map((name) => p.tensors[name]);
  const byName = (values: readonly Tensor[]) =>
    Object.fromEntries(names.map((name, i) => [name, values[i]]));
  return { variables: byName(variables), gradients: byName(gradients(loss, variables)) };
}

/** Outputs of one step of AdamW: `loss`, and "next:…" for `compileStateful` to keep. */
export function traceStep(
  loss: Tensor,
  p: Source,
  trained: (name: string) => boolean,
  options: AdamWOptions = {},
): Readonly<Record<string, Tensor>> {
  const { variables, gradients: by } = parameterGradients(loss, p, trained);
  return { loss, ...adamW(variables, by, options) };
}
