import { TandemError } from "@tandem/core/errors";
import { notFinite } from "@tandem/core/finite";
import type { Arrays, DType, TensorOf } from "@tandem/core/tensor";
import { asSingle } from "@tandem/protocol/safetensors-stored";
import { readArrays, type WeightSource } from "../files/weight-files";
import {
  type ComponentClass,
  classOf,
  componentSpecs,
  isOptional,
  storedNames,
} from "./components";
import type { Json } from "./config";

export type Weights = Readonly<Record<string, TensorOf<"f32">>>;

/** How the tensors of a file stand to a component's parameters. */
function matched(json: Json, stored: Iterable<string>) {
  const nameOf = storedNames(json);
  const specs = componentSpecs(json);
  /** The stored name of each parameter that is there. */
  const found = new Map<string, string>();
  const surplus: string[] = [];
  for (const file of stored) {
    const name = nameOf(file);
    if (name === undefined) continue;
    if (specs.has(name)) found.set(name, file);
    else surplus.push(file);
  }
  return { specs, found, surplus };
}

/**
 * A component's tensors by the names of its parameters, in f32; others are left aside, as diffusers
 * and transformers do. Throws one `bad-data` that counts the missing and misshapen tensors, and those
 * that hold no floats, NaN or an infinity, and lists the first of them.
 */
export function componentWeights(json: Json, stored: Arrays): Weights {
  return weightsOf(json, stored, matched(json, Object.keys(stored)));
}

/**
 * The same from a file: what the component does not need is not read, and refuses no file in whatever
 * dtype. `surplus` names it, but for what such files usually carry along.
 */
export async function readWeights(
  json: Json,
  source: WeightSource,
): Promise<{ readonly weights: Weights; readonly surplus: readonly string[] }> {
  const match = matched(json, source.tensors.keys());
  const needed = new Set(match.found.values());
  const stored = await readArrays(source, { wanted: (name) => needed.has(name) });
  const surplus = [...match.surplus, ...(source.unlisted ?? [])];
  return { weights: weightsOf(json, stored, match), surplus };
}

function weightsOf(
  json: Json,
  stored: Arrays,
  { specs, found, surplus }: ReturnType<typeof matched>,
): Weights {
  const weights: Record<string, TensorOf<"f32">> = {};
  const faults: string[] = [];
  // A VAE without its encoder still paints.
  const isDecoder = ![...found.keys()].some((name) => isOptional(json, name));
  for (const [name, { shape }] of specs) {
    const file = found.get(name);
    if (file === undefined) {
      if (!(isDecoder && isOptional(json, name))) faults.push(`missing ${name} [${shape}]`);
      continue;
    }
    const array = stored[file];
    if (String(shape) !== String(array.shape))
      faults.push(`${file} is [${array.shape}], not [${shape}]`);
    else if (!floats.includes(array.dtype))
      faults.push(`${file} is ${array.dtype}: save it as F32, F16 or BF16`);
    else {
      weights[name] = asSingle(array);
      const fault = notFinite(weights[name]);
      if (fault) faults.push(`${file}: ${fault}`);
    }
  }
  if (faults.length > 0) throw misfit(classOf(json), faults, surplus);
  return weights;
}

const floats: readonly DType[] = ["f64", "f32", "f16"];
/** Of another architecture all are missing. */
const maxListed = 8;

function misfit(type: ComponentClass, faults: readonly string[], surplus: readonly string[]) {
  const others = faults.length > maxListed ? `; and ${faults.length - maxListed} more` : "";
  const listed = faults.slice(0, maxListed).join("; ") + others;
  const more = surplus.length > 0 ? `; not of this class: ${counted(surplus)}` : "";
  return new TandemError(
    "bad-data",
    `weights do not fit this ${type} (${faults.length} faults): ${listed}${more}`,
  );
}

/** Tensors that nothing asks for, in words. */
export const counted = (names: readonly string[]): string =>
  names.length === 1 ? `"${names[0]}"` : `${names.length} tensors, such as "${names[0]}"`;
