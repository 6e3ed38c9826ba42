import { layers, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { columns, extentsOf, layerName, reshaped, type Stock, scaled, values } from "./stock";

type Sides = { readonly inputs: number; readonly outputs: number };
type Strided = Sides & { readonly stride: number };
export type Placed = (x: SymbolicTensor) => SymbolicTensor;
type Dense = Sides & { readonly activation?: "relu"; readonly columns?: Columns };
/** Some columns of a larger layer, times a number. */
type Columns = { readonly from: number; readonly of: number; readonly scale: number };

const epsilon = 1e-5;
const zeros = { kernelInitializer: "zeros", depthwiseInitializer: "zeros" } as const;

export const reshape = (s: Stock, name: string, x: SymbolicTensor, targetShape: number[]) =>
  s.place(layers.reshape({ name: layerName(name), targetShape }), x);
export const permute = (s: Stock, name: string, x: SymbolicTensor, dims: number[]) =>
  s.place(layers.permute({ name: layerName(name), dims }), x);
export const relu = (s: Stock, name: string, x: SymbolicTensor) =>
  s.place(layers.activation({ name: layerName(name), activation: "relu" }), x);
export const add = (s: Stock, name: string, x: SymbolicTensor, y: SymbolicTensor) =>
  s.place(layers.add({ name: layerName(name) }), [x, y]);
/** Over the last axis; the layer that is called softmax would take a GRU's mask of tokens for its own. */
export const softmax = (s: Stock, name: string, x: SymbolicTensor) =>
  s.place(layers.activation({ name: layerName(name), activation: "softmax" }), x);
export const dot = (s: Stock, name: string, x: SymbolicTensor, y: SymbolicTensor, axes: Axes) =>
  s.place(layers.dot({ name: layerName(name), axes: [...axes] as [number, number] }), [x, y]);
type Axes = readonly [number, number];

/** (…, in) -> (…, out). */
export function dense(s: Stock, source: string, options: Dense & { name?: string }): Placed {
  const { inputs, outputs, activation, name = source, columns: part } = options;
  const { from, of, scale } = part ?? { from: 0, of: outputs, scale: 1 };
  const own = (suffix: string, shape: number[]) =>
    scaled(columns(s.take(`${source}.${suffix}`, shape), from, from + outputs), scale);
  const [kernel, bias] = [own("weight", [inputs, of]), own("bias", [of])];
  const config = { units: outputs, ...zeros, ...(activation && { activation }) };
  return (x) => s.place(layers.dense({ name: layerName(name), ...config }), x, kernel, bias);
}

/** One number and one bias for each channel of (B, h, w, c). */
export function perChannel(
  s: Stock,
  name: string,
  x: SymbolicTensor,
  [scale, shift]: readonly [Data, Data],
  config: { readonly trainable?: boolean } = {},
) {
  const width = extentsOf(x)[2];
  return s.place(
    layers.depthwiseConv2d({ name: layerName(name), kernelSize: 1, ...zeros, ...config }),
    x,
    reshaped(scale, [1, 1, width, 1]),
    shift,
  );
}
type Data = ReturnType<Stock["take"]>;

/**
 * Zero mean and the given deviation over the last axis. tfjs has no gradient of a layer norm without scale
 * and shift, so it has some that stay as they are.
 */
export function standardise(
  s: Stock,
  name: string,
  x: SymbolicTensor,
  { epsilon, scale }: { readonly epsilon: number; readonly scale: number },
): SymbolicTensor {
  const config = { axis: -1, epsilon, trainable: false };
  const [width] = extentsOf(x).slice(-1);
  return s.place(
    layers.layerNormalization({ name: layerName(name), ...config }),
    x,
    values([width], () => scale),
    values([width], () => 0),
  );
}

/** Group norm as a layer norm of (B, groups, positions x channels of a group). */
export function groupNorm(s: Stock, source: string, channels: number, groups = 4): Placed {
  const scale = s.take(`${source}.scale`, [channels]);
  const shift = s.take(`${source}.shift`, [channels]);
  return (x) => {
    const [height, width] = extentsOf(x);
    const positions = height * width;
    const each = channels / groups;
    const split = reshape(s, `${source}.split`, x, [positions, groups, each]);
    const first = permute(s, `${source}.group`, split, [2, 1, 3]);
    const flat = reshape(s, `${source}.flat`, first, [groups, positions * each]);
    const normal = standardise(s, `${source}.normal`, flat, { epsilon, scale: 1 });
    const apart = reshape(s, `${source}.apart`, normal, [groups, positions, each]);
    const back = permute(s, `${source}.back`, apart, [2, 1, 3]);
    const whole = reshape(s, `${source}.whole`, back, [height, width, channels]);
    return perChannel(s, `${source}.affine`, whole, [scale, shift]);
  };
}

/** Over the last axis. */
export function layerNorm(s: Stock, source: string, width: number): Placed {
  const [scale, shift] = ["scale", "shift"].map((part) => s.take(`${source}.${part}`, [width]));
  const name = layerName(source);
  return (x) => s.place(layers.layerNormalization({ name, axis: -1, epsilon }), x, scale, shift);
}

/** 3 x 3, "same" padding, group norm, ReLU. */
export function convolution(s: Stock, source: string, { inputs, outputs, stride }: Strided) {
  const kernel = s.take(`${source}.weight`, [3, 3, inputs, outputs]);
  const norm = groupNorm(s, `${source}.norm`, outputs);
  const config = { filters: outputs, kernelSize: 3, strides: stride, useBias: false, ...zeros };
  return (x: SymbolicTensor) => {
    const name = layerName(source);
    const y = s.place(layers.conv2d({ name, padding: "same", ...config }), x, kernel);
    return relu(s, `${source}.relu`, norm(y));
  };
}

/** 3 x 3 within each channel, then 1 x 1 across them, each with group norm and ReLU. */
export function separableConvolution(
  s: Stock,
  source: string,
  { inputs, outputs, stride }: Strided,
): Placed {
  const [depthwise, pointwise] = [`${source}.depthwise`, `${source}.pointwise`];
  const own = s.take(`${depthwise}.weight`, [3, 3, inputs, 1]);
  const across = s.take(`${pointwise}.weight`, [inputs, outputs]);
  const bias = s.take(`${pointwise}.bias`, [outputs]);
  const [inner, outer] = [
    groupNorm(s, `${depthwise}.norm`, inputs),
    groupNorm(s, `${pointwise}.norm`, outputs),
  ];
  return (x) => {
    const config = { kernelSize: 3, strides: stride, useBias: false, ...zeros };
    const name = layerName(depthwise);
    const within = s.place(layers.depthwiseConv2d({ name, padding: "same", ...config }), x, own);
    const seen = relu(s, `${depthwise}.relu`, inner(within));
    const mixed = s.place(
      layers.conv2d({ name: layerName(pointwise), filters: outputs, kernelSize: 1, ...zeros }),
      seen,
      reshaped(across, [1, 1, inputs, outputs]),
      bias,
    );
    return relu(s, `${pointwise}.relu`, outer(mixed));
  };
}

/** Adds an array (L, w) to (B, L, w): the bias of a layer that has a channel for each number. */
export function addPositions(s: Stock, source: string, x: SymbolicTensor): SymbolicTensor {
  const [length, width] = extentsOf(x);
  const count = length * width;
  const shift = reshaped(s.take(source, [length, width]), [count]);
  const row = reshape(s, `${source}.row`, x, [1, 1, count]);
  const moved = perChannel(s, source, row, [values([count], () => 1), shift]);
  return reshape(s, `${source}.rows`, moved, [length, width]);
}

/** As `transformerLayer` of the models; a product of stock layers has no heads, so each has its own. */
export function transformerLayer(
  s: Stock,
  source: string,
  { width, heads }: { readonly width: number; readonly heads: number },
) {
  const depth = width / heads;
  return (x: SymbolicTensor, hidden?: SymbolicTensor): SymbolicTensor => {
    const normal = layerNorm(s, `${source}.norm1`, width)(x);
    const seen = Array.from({ length: heads }, (_, head) => {
      const own = (part: string, scale: number) =>
        dense(s, `${source}.${part}`, {
          name: `${source}.${part}${head}`,
          inputs: width,
          outputs: depth,
          columns: { from: head * depth, of: width, scale },
        })(normal);
      const query = own("query", 1 / Math.sqrt(depth));
      const scores = dot(s, `${source}.scores${head}`, query, own("key", 1), [2, 2]); // (B, L, L)
      const shown = hidden ? add(s, `${source}.shown${head}`, scores, hidden) : scores;
      const weights = softmax(s, `${source}.weights${head}`, shown);
      return dot(s, `${source}.seen${head}`, weights, own("value", 1), [2, 1]);
    });
    const name = layerName(`${source}.joined`);
    const joined = heads === 1 ? seen[0] : s.place(layers.concatenate({ name }), seen);
    const mixed = add(s, `${source}.mixed`, x, joined);
    const after = layerNorm(s, `${source}.norm2`, width)(mixed);
    const up = { inputs: width, outputs: 2 * width, activation: "relu" as const };
    const down = { inputs: 2 * width, outputs: width };
    const forward = dense(s, `${source}.down`, down)(dense(s, `${source}.up`, up)(after));
    return add(s, `${source}.out`, mixed, forward);
  };
}
