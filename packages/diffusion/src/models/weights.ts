import { TandemError } from "@tandem/core/errors";
import { type Arrays, f32, type TensorData, type TensorOf } from "@tandem/core/tensor";
import { fromHalves } from "@tandem/protocol/half";
import { type ComponentClass, classOf, componentSpecs, storedNames } from "./components";
import type { Json } from "./config";

export type Weights = Readonly<Record<string, TensorOf<"f32">>>;

/**
 * A component's tensors by the names of its parameters, in f32. Throws one `bad-data` that lists
 * every missing, surplus and misshapen tensor.
 */
export function componentWeights(json: Json, stored: Arrays): Weights {
  const nameOf = storedNames(json);
  const specs = componentSpecs(json);
  const weights: Record<string, TensorOf<"f32">> = {};
  const faults: string[] = [];
  for (const [file, array] of Object.entries(stored)) {
    const name = nameOf(file);
    if (name === undefined) continue;
    const spec = specs.get(name);
    if (!spec) faults.push(`surplus ${file} [${array.shape}]`);
    else if (String(spec.shape) !== String(array.shape))
      faults.push(`${file} is [${array.shape}], not [${spec.shape}]`);
    else weights[name] = single(file, array);
  }
  for (const [name, { shape }] of specs)
    if (!(name in weights) && !(name in stored)) faults.push(`missing ${name} [${shape}]`);
  if (faults.length > 0) throw misfit(classOf(json), faults);
  return weights;
}

const misfit = (type: ComponentClass, faults: readonly string[]) =>
  new TandemError(
    "bad-data",
    `weights do not fit this ${type} (${faults.length} faults): ${faults.join("; ")}`,
  );

function single(name: string, array: TensorData): TensorOf<"f32"> {
  switch (array.dtype) {
    case "f32":
      return array;
    case "f16":
      return f32(array.shape, fromHalves(array.data));
    default:
      throw new TandemError("bad-data", `${name} is ${array.dtype}; weights are f32 or f16`);
  }
}
