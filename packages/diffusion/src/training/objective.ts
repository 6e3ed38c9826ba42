import { type AdamWOptions, adamW } from "@tandem/graph/adamw";
import { add, mul, sqrt, square, sub } from "@tandem/graph/elementwise";
import type { GradientOptions } from "@tandem/graph/gradients";
import { reduceMean, reshape, sumAll } from "@tandem/graph/shape";
import { input, type Tensor } from "@tandem/graph/tensor";
import type { DiffusionModel } from "../diffusion-model";
import {
  type GraphShape,
  type Training,
  traceDenoiser,
  traceText,
  traceTraining,
  weightedLoss,
} from "../models/graphs";
import { type LoraTargets, type Source, within } from "../models/source";

/** The copy of the base that a fully trained model is kept near; an adapter's base has its own names. */
export const basePrefix = "base.";

export type ObjectiveOptions = GradientOptions & {
  readonly shape: GraphShape;
  readonly lora?: LoraTargets | undefined;
  readonly trained: (name: string) => boolean;
  /** Adds Σ κ_i ||p_i - p_base,i||² / B, with κ the input `nearness` (B,). */
  readonly nearBase: boolean;
};

/** Σ ω_i mse(p_i, target_i) / B of a batch, with its gradient. */
export function traceObjective(
  { unet, text }: Pick<DiffusionModel, "unet" | "text">,
  { shape, lora, trained, nearBase, recompute = false }: ObjectiveOptions,
): Training {
  const predict = (p: Source) => traceDenoiser(p, unet, shape, traceText(p, text, shape));
  const lossOf = (p: Source): Tensor => {
    const predicted = predict(p);
    const loss = weightedLoss(predicted);
    if (!nearBase) return loss;
    const base = predict(lora ? { ...p, lora: undefined } : within(p, basePrefix));
    const distance = reduceMean(square(sub(predicted, base)), [1, 2, 3]);
    const nearness = input("nearness", [shape.batch]);
    const each = mul(reshape(distance, [shape.batch]), nearness);
    return add(loss, mul(sumAll(each), 1 / shape.batch));
  };
  return traceTraining(lossOf, {
    trained: (name) => trained(name) && !name.startsWith(basePrefix),
    ...(lora && { lora }),
    recompute,
  });
}

/** `loss`, and the kept `sum` of gradients: `keep` sum + `share` gradient. */
export const traceGradient = ({ loss, gradient }: Training): Readonly<Record<string, Tensor>> => ({
  loss,
  "next:sum": add(
    mul(input("sum", gradient.shape), input("keep", [])),
    mul(gradient, input("share", [])),
  ),
});

/** One step of AdamW from the input `gradient`; the kept `average` follows with the input `pace`. */
export function traceUpdate(
  count: number,
  options: AdamWOptions & { readonly average: boolean },
): Readonly<Record<string, Tensor>> {
  const gradient = input("gradient", [count]);
  const updates = adamW({ trained: input("trained", [count]) }, { trained: gradient }, options);
  const outputs = { norm: sqrt(sumAll(square(gradient))), ...updates };
  if (!options.average) return outputs;
  const average = input("average", [count]);
  const step = mul(sub(updates["next:trained"], average), input("pace", []));
  return { ...outputs, "next:average": add(average, step) };
}
