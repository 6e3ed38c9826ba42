import type { Rng } from "@tandem/core/rng";
import { type Arrays, f32, sizeOf } from "@tandem/core/tensor";
import { input, type Tensor } from "@tandem/graph/tensor";

/** Standard deviation of the initial values, or a constant. */
export type Initial = { readonly deviation: number } | { readonly value: number };
export type ParameterSpec = { readonly shape: readonly number[]; readonly initial: Initial };

/** Collects what a model asks for while it is traced; each parameter is an input of the graph. */
export type Parameters = {
  readonly get: (name: string, shape: readonly number[], initial: Initial) => Tensor;
  readonly specs: ReadonlyMap<string, ParameterSpec>;
  readonly tensors: Readonly<Record<string, Tensor>>;
};

export function createParameters(): Parameters {
  const specs = new Map<string, ParameterSpec>();
  const tensors: Record<string, Tensor> = {};
  const get = (name: string, shape: readonly number[], initial: Initial) => {
    if (!(name in tensors)) {
      tensors[name] = input(name, shape);
      specs.set(name, { shape, initial });
    }
    return tensors[name];
  };
  return { get, specs, tensors };
}

/** Initial values of every parameter for which `wanted` holds. */
export function initialise(
  specs: ReadonlyMap<string, ParameterSpec>,
  rng: Rng,
  wanted: (name: string) => boolean = () => true,
): Arrays {
  const arrays: Record<string, Arrays[string]> = {};
  for (const [name, { shape, initial }] of specs) {
    if (!wanted(name)) continue;
    const own = rng.fork(name);
    const next = () => ("value" in initial ? initial.value : own.normal() * initial.deviation);
    arrays[name] = f32(shape, Float32Array.from({ length: sizeOf(shape) }, next));
  }
  return arrays;
}
