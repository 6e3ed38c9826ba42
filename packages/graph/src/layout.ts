import { reshape } from "./shape";
import { integers, size, type Tensor } from "./tensor";

/** Arrays one behind the other in a single vector, in this order. */
export type Layout = readonly { readonly name: string; readonly shape: readonly number[] }[];

export const layoutSize = (layout: Layout): number =>
  layout.reduce((sum, { shape }) => sum + size(shape), 0);

/** The arrays of a vector (n,), by name. */
export function unpack(flat: Tensor, layout: Layout): Readonly<Record<string, Tensor>> {
  const sizes = layout.map(({ shape }) => size(shape));
  const operation = {
    type: "Split",
    inputs: [flat, integers(sizes)],
    attributes: { axis: 0 },
    outputs: layout.length,
  };
  return Object.fromEntries(
    layout.map(({ name, shape }, index) => {
      const part: Tensor = {
        shape: [sizes[index]],
        dtype: "f32",
        source: { kind: "result", operation, index },
      };
      return [name, reshape(part, shape)];
    }),
  );
}

/** Views of the arrays in a vector, by name. */
export function viewsOf(
  flat: Float32Array,
  layout: Layout,
): Readonly<Record<string, Float32Array>> {
  let at = 0;
  return Object.fromEntries(
    layout.map(({ name, shape }) => {
      const from = at;
      at += size(shape);
      return [name, flat.subarray(from, at)];
    }),
  );
}

/** A fresh vector of the arrays. */
export function packed(
  arrays: Readonly<Record<string, Float32Array>>,
  layout: Layout,
): Float32Array {
  const flat = new Float32Array(layoutSize(layout));
  for (const [name, view] of Object.entries(viewsOf(flat, layout))) {
    if (arrays[name]?.length !== view.length)
      throw new Error(`"${name}" has ${arrays[name]?.length} values, not ${view.length}`);
    view.set(arrays[name]);
  }
  return flat;
}
