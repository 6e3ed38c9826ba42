import type { Tensor } from "@tandem/graph/tensor";
import { createParameters, type Parameters } from "./parameters";

/** Low-rank terms beside linear and convolution layers: W x + α/r B A x (arXiv 2106.09685). */
export type LoraTargets = {
  readonly rank: number;
  /** `rank` by default, which makes the factor 1. */
  readonly alpha?: number;
  /** Holds for full module names, such as "unet.mid_block.attentions.0.….attn2.to_q". */
  readonly targets: (module: string) => boolean;
};

/** Where a model takes its parameters from while it is traced. */
export type Source = Pick<Parameters, "get" | "specs" | "tensors"> & {
  /** Begins the name of every parameter. */
  readonly prefix: string;
  readonly lora?: LoraTargets | undefined;
};

/** `given` tensors stand for the parameters of their names; the others become inputs of the graph. */
export function createSource(
  lora?: LoraTargets,
  given: Readonly<Record<string, Tensor>> = {},
): Source {
  const parameters = createParameters();
  return {
    ...parameters,
    get: (name, shape, initial) => given[name] ?? parameters.get(name, shape, initial),
    prefix: "",
    lora,
  };
}

/** The same source, with longer names: one graph may hold "unet." and "text_encoder.". */
export const within = (source: Source, prefix: string): Source => ({
  ...source,
  prefix: `${source.prefix}${prefix}`,
  get: (name, shape, initial) => source.get(`${prefix}${name}`, shape, initial),
});
