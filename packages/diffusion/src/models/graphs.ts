import { type AdamWOptions, adamW } from "@tandem/graph/adamw";
import { mul, square, sub } from "@tandem/graph/elementwise";
import { type GradientOptions, gradients } from "@tandem/graph/gradients";
import { type Layout, layoutSize, unpack } from "@tandem/graph/layout";
import { concat, reduceMean, reshape, sumAll } from "@tandem/graph/shape";
import { input, size, type Tensor } from "@tandem/graph/tensor";
import type { AttentionLimit } from "./attention";
import { type ClipTextConfig, clipText, type EncodedText } from "./clip-text";
import { createSource, type LoraTargets, type Source, within } from "./source";
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

export type Training = {
  /** What is trained, in the order of the vectors `trained`, `m:trained` and `v:trained`. */
  readonly layout: Layout;
  /** Every parameter of the graph, the trained ones too, with initial values. */
  readonly specs: Source["specs"];
  readonly loss: Tensor;
  /** (n,), of the loss by all that is trained. */
  readonly gradient: Tensor;
  /** (n,), the input `trained`. */
  readonly variable: Tensor;
};

/**
 * Traces a loss twice: once to learn its parameters, once with the trained ones as parts of a single
 * vector, which keeps the optimiser to a dozen operations and three arrays.
 */
export function traceTraining(
  lossOf: (p: Source) => Tensor,
  options: GradientOptions & {
    readonly trained: (name: string) => boolean;
    readonly lora?: LoraTargets;
  },
): Training {
  const probe = createSource(options.lora);
  lossOf(probe);
  const layout = [...probe.specs].flatMap(([name, { shape }]) =>
    options.trained(name) ? [{ name, shape }] : [],
  );
  const variable = input("trained", [layoutSize(layout)]);
  const parts = unpack(variable, layout);
  const loss = lossOf(createSource(options.lora, parts));
  const each = gradients(
    loss,
    layout.map(({ name }) => parts[name]),
    options,
  );
  const gradient = concat(
    each.map((g) => reshape(g, [size(g.shape)])),
    0,
  );
  return { layout, specs: probe.specs, loss, gradient, variable };
}

/** Outputs of one step of AdamW: `loss`, and "next:…" for `compileStateful` to keep. */
export const traceStep = (
  { loss, gradient, variable }: Training,
  options: AdamWOptions = {},
): Readonly<Record<string, Tensor>> => ({
  loss,
  ...adamW({ trained: variable }, { trained: gradient }, options),
});
