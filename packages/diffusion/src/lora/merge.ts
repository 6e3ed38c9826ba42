import { TandemError } from "@tandem/core/errors";
import { type Arrays, f32, sizeOf, type TensorData } from "@tandem/core/tensor";
import { fromHalves, toHalves } from "@tandem/protocol/half";
import { type LoraAdapter, type LoraModule, rankOf } from "./adapter";

export type MergeOptions = {
  /** Whose weights the base holds: only modules `unet.…` go into the weights of "unet". */
  readonly component: string;
  /** Strength of the adapter, 1 by default. */
  readonly weight?: number;
};

/**
 * The weights of a component with W + weight · alpha / r · B A in place of each W that the adapter
 * names; the base is not changed, untouched arrays are shared. Throws `bad-data` for a module that
 * fits no weight.
 */
export const mergeAdapter = (base: Arrays, adapter: LoraAdapter, options: MergeOptions): Arrays =>
  add(base, adapter, { ...options, sign: 1 });

/** Takes the same terms off again: exact to the rounding of the weights. */
export const unmergeAdapter = (merged: Arrays, adapter: LoraAdapter, options: MergeOptions) =>
  add(merged, adapter, { ...options, sign: -1 });

function add(
  base: Arrays,
  adapter: LoraAdapter,
  { component, weight = 1, sign }: MergeOptions & { readonly sign: 1 | -1 },
): Arrays {
  const changed: Record<string, TensorData> = { ...base };
  for (const [name, module] of adapter) {
    if (!name.startsWith(`${component}.`)) continue;
    const target = `${name.slice(component.length + 1)}.weight`;
    if (!Object.hasOwn(base, target))
      throw new TandemError("bad-data", `LoRA of "${name}" fits no weight of this ${component}`);
    const factor = (sign * weight * module.alpha) / rankOf(module);
    changed[target] = addProduct(base[target], module, { name, factor });
  }
  return changed;
}

/** W + factor · B A: (out, in) + (out, r) x (r, in), where `in` is in · kh · kw of a convolution. */
function addProduct(
  array: TensorData,
  module: LoraModule,
  { name, factor }: { readonly name: string; readonly factor: number },
): TensorData {
  const { down, up } = module;
  const [rank, ...input] = down.shape;
  const [outputs] = up.shape;
  // a linear adapter fits the 1 x 1 convolution of the same layer, and the other way about
  const squeezed = (shape: readonly number[]) =>
    String(shape.length === 4 && shape[2] * shape[3] === 1 ? shape.slice(0, 2) : shape);
  if (squeezed(array.shape) !== squeezed([outputs, ...input]))
    throw new TandemError(
      "bad-data",
      `LoRA of "${name}" is for [${[outputs, ...input]}], the weight is [${array.shape}]`,
    );
  if (array.dtype !== "f32" && array.dtype !== "f16")
    throw new TandemError("bad-data", `"${name}.weight" is ${array.dtype}, not f32 or f16`);
  const a = singles(down);
  const b = singles(up);
  const columns = sizeOf(input);
  const sum = Float32Array.from(singles(array));
  const row = new Float64Array(columns);
  for (let o = 0; o < outputs; o++) {
    row.fill(0);
    for (let r = 0; r < rank; r++) {
      const scale = factor * b[o * rank + r];
      for (let i = 0; i < columns; i++) row[i] += scale * a[r * columns + i];
    }
    for (let i = 0; i < columns; i++) sum[o * columns + i] += row[i];
  }
  return array.dtype === "f32"
    ? f32(array.shape, sum)
    : { dtype: "f16", shape: array.shape, data: toHalves(sum) };
}

const singles = (array: LoraModule["down"]): Float32Array =>
  array.dtype === "f32" ? array.data : fromHalves(array.data);
