import { TandemError } from "@tandem/core/errors";
import { type Arrays, arrayOf, f32 } from "@tandem/core/tensor";

export const isLora = (name: string): boolean => /\.lora_[AB]\.weight$/.test(name);

/** Base weights with W + B A in place of each W that the adapter names; the base is not changed. */
export function mergeLora(base: Arrays, adapter: Arrays): Arrays {
  const merged: Record<string, Arrays[string]> = { ...base };
  for (const name of Object.keys(adapter).filter((key) => key.endsWith(".lora_A.weight"))) {
    const target = name.replace(".lora_A", "");
    const partner = name.replace(".lora_A", ".lora_B");
    if (!(target in base) || !(partner in adapter))
      throw new TandemError("bad-data", `adapter: "${name}" fits no weight of this model`);
    const a = arrayOf(adapter, name, "f32"); // (r, in)
    const b = arrayOf(adapter, partner, "f32"); // (out, r)
    const w = arrayOf(base, target, "f32"); // (out, in)
    const [rank, inputs] = a.shape;
    const data = Float32Array.from(w.data, (weight, at) => {
      const [row, column] = [Math.floor(at / inputs), at % inputs];
      let sum = weight;
      for (let r = 0; r < rank; r++) sum += b.data[row * rank + r] * a.data[r * inputs + column];
      return sum;
    });
    merged[target] = f32(w.shape, data);
  }
  return merged;
}
