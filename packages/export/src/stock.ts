import { TandemError } from "@tandem/core/errors";
import { type Arrays, arrayOf, sizeOf } from "@tandem/core/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { layers, SymbolicTensor } from "@tensorflow/tfjs-layers";

type StockLayer = ReturnType<typeof layers.dense>;
export type Values = { readonly shape: readonly number[]; readonly data: Float32Array };

/** The extents of a symbolic tensor without its batch. */
export const extentsOf = (x: SymbolicTensor): number[] => x.shape.slice(1).map(Number);

/** Places stock layers of tfjs, and gives them a model's weights once all are placed. */
export function createStock(weights: Arrays) {
  const placed: { readonly layer: StockLayer; readonly values: readonly Values[] }[] = [];
  const used = new Set<string>();
  const bad = (what: string) => new TandemError("bad-data", `weights: ${what}`);

  const place = (layer: tf.serialization.Serializable, x: Inputs, ...values: Values[]) => {
    const placing = layer as StockLayer;
    placed.push({ layer: placing, values });
    return placing.apply(x as SymbolicTensor) as SymbolicTensor;
  };
  return {
    place,
    /** The named array of the model, which must have the given shape. */
    take(name: string, shape: readonly number[]): Values {
      if (!(name in weights)) throw bad(`"${name}" is missing`);
      const { data, shape: own } = arrayOf(weights, name, "f32");
      if (String(own) !== String(shape)) throw bad(`"${name}" is [${own}], not [${shape}]`);
      used.add(name);
      return { shape, data };
    },
    /** Length of a named vector. */
    dimensionOf(name: string): number {
      if (!(name in weights)) throw bad(`"${name}" is missing`);
      return weights[name].shape[0];
    },
    /** Throws `bad-data` if the model has weights that no layer took. */
    fill(ignored: readonly string[]): void {
      for (const name of Object.keys(weights))
        if (!used.has(name) && !ignored.includes(name)) throw bad(`"${name}" is surplus`);
      for (const { layer, values } of placed)
        if (values.length > 0)
          tf.tidy(() =>
            layer.setWeights(values.map(({ shape, data }) => tf.tensor(data, [...shape]))),
          );
    },
    dispose(): void {
      for (const { layer } of placed) for (const weight of layer.weights) weight.dispose();
    },
  };
}
type Inputs = SymbolicTensor | readonly SymbolicTensor[];
export type Stock = ReturnType<typeof createStock>;

/** Names of layers are parts of file names in other programs: no dots. */
export const layerName = (name: string): string => name.replaceAll(".", "_");

export const values = (shape: readonly number[], fill: (at: number) => number): Values => ({
  shape,
  data: Float32Array.from({ length: sizeOf(shape) }, (_, at) => fill(at)),
});
export const reshaped = ({ data }: Values, shape: readonly number[]): Values => ({ shape, data });
export const scaled = ({ shape, data }: Values, by: number): Values => ({
  shape,
  data: data.map((value) => value * by),
});

/** Columns from, …, to - 1 of the last axis. */
export function columns({ shape, data }: Values, from: number, to: number): Values {
  const width = shape[shape.length - 1];
  const kept = data.filter((_, at) => at % width >= from && at % width < to);
  return { shape: [...shape.slice(0, -1), to - from], data: kept };
}

/** Rows from, …, to - 1 of a matrix. */
export const rows = ({ shape: [, width], data }: Values, from: number, to: number): Values => ({
  shape: [to - from, width],
  data: data.slice(from * width, to * width),
});

/** Matrices, or vectors, side by side. */
export function beside(parts: readonly Values[]): Values {
  const widths = parts.map(({ shape }) => shape[shape.length - 1]);
  const width = widths.reduce((a, b) => a + b, 0);
  const shape = [...parts[0].shape.slice(0, -1), width];
  const data = new Float32Array(sizeOf(shape));
  let from = 0;
  parts.forEach((part, i) => {
    for (let at = 0; at < part.data.length; at++)
      data[Math.floor(at / widths[i]) * width + from + (at % widths[i])] = part.data[at];
    from += widths[i];
  });
  return { shape, data };
}
