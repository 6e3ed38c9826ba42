import { TandemError } from "@tandem/core/errors";
import { notFinite } from "@tandem/core/finite";
import type { Arrays, TensorOf } from "@tandem/core/tensor";
import { asSingle } from "@tandem/protocol/safetensors-stored";
import {
  type ComponentClass,
  classOf,
  componentSpecs,
  isOptional,
  storedNames,
} from "./components";
import type { Json } from "./config";

export type Weights = Readonly<Record<string, TensorOf<"f32">>>;

/**
 * A component's tensors by the names of its parameters, in f32. Throws one `bad-data` that lists
 * every missing, surplus and misshapen tensor, and every one that holds NaN or an infinity.
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
    else {
      weights[name] = asSingle(array);
      const fault = notFinite(weights[name]);
      if (fault) faults.push(`${file}: ${fault}`);
    }
  }
  // A VAE without its encoder still paints.
  const isDecoder = !Object.keys(stored).some((file) => isOptional(json, nameOf(file) ?? ""));
  for (const [name, { shape }] of specs)
    if (!(name in weights) && !(name in stored) && !(isDecoder && isOptional(json, name)))
      faults.push(`missing ${name} [${shape}]`);
  if (faults.length > 0) throw misfit(classOf(json), faults);
  return weights;
}

const misfit = (type: ComponentClass, faults: readonly string[]) =>
  new TandemError(
    "bad-data",
    `weights do not fit this ${type} (${faults.length} faults): ${faults.join("; ")}`,
  );
