import { TandemError } from "@tandem/core/errors";
import { createRng } from "@tandem/core/rng";
import type { Arrays } from "@tandem/core/tensor";
import { layoutSize, packed } from "@tandem/graph/layout";
import { type Values, value } from "@tandem/graph/onnx-session";
import type { Training } from "../models/graphs";
import { initialise } from "../models/parameters";
import { basePrefix } from "./objective";
import { checkState, type TrainingState } from "./state";

/** What training begins with: the arrays that stay, by name, and the vectors of those that learn. */
export type Start = { readonly frozen: Values; readonly vectors: TrainingState["vectors"] };

/**
 * From a state, or from `known` arrays, with initial values of the seed for all others. Throws `conflict`
 * for a state of another training, `bad-data` for a known array of another shape.
 */
export function startOf(
  { layout, specs }: Pick<Training, "layout" | "specs">,
  options: {
    readonly known: Arrays;
    readonly seed: string | number;
    /** Whether an average of the weights is kept. */
    readonly average: boolean;
  },
  resume?: TrainingState,
): Start {
  const { known, seed, average } = options;
  const given = (name: string) =>
    known[name.startsWith(basePrefix) ? name.slice(basePrefix.length) : name];
  const fresh = initialise(specs, createRng(`${seed}/initial`), (name) => !given(name));
  const dataOf = (name: string): Float32Array => {
    const array = given(name) ?? fresh[name];
    const shape = specs.get(name)?.shape;
    if (array.dtype !== "f32" || String(array.shape) !== String(shape))
      throw new TandemError(
        "bad-data",
        `${name} is ${array.dtype} [${array.shape}], not [${shape}]`,
      );
    return array.data;
  };

  const names = new Set(layout.map(({ name }) => name));
  const frozen: Values = Object.fromEntries(
    [...specs].flatMap(([name, { shape }]) =>
      names.has(name) ? [] : [[name, value(dataOf(name), shape)]],
    ),
  );
  if (resume) {
    checkState(resume, { layout, seed, average });
    return { frozen, vectors: resume.vectors };
  }
  const arrays = Object.fromEntries(layout.map(({ name }) => [name, dataOf(name)]));
  const trained = packed(arrays, layout);
  const count = layoutSize(layout);
  const moments = { m: new Float32Array(count), v: new Float32Array(count) };
  return { frozen, vectors: { trained, ...moments, ...(average && { average: trained }) } };
}
