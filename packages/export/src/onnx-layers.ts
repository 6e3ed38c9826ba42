import { TandemError } from "@tandem/core/errors";
import { conv2d, type Padding } from "@tandem/graph/convolution";
import {
  add,
  clip,
  greater,
  mul,
  relu,
  sigmoid,
  sub,
  tanh,
  toFloat,
} from "@tandem/graph/elementwise";
import { gather, matmul } from "@tandem/graph/linear";
import { layerNorm, softmax } from "@tandem/graph/normalise";
import { concat, pad, reduceMean, slice, transpose } from "@tandem/graph/shape";
import { apply, constant, integers, size, type Tensor } from "@tandem/graph/tensor";

export type LayerWeights = readonly Tensor[];
type Config = Readonly<Record<string, unknown>>;
type Conversion = (layer: {
  readonly inputs: readonly Tensor[];
  readonly name: string;
  readonly config: Config;
  /** In the order of the layer. */
  readonly weights: LayerWeights;
  readonly masks: Map<Tensor, Tensor>;
}) => Tensor;

/** Rows of another shape: the batch keeps whatever length it has. */
const reshapeRows = (x: Tensor, row: readonly number[]): Tensor => {
  if (size(row) !== size(x.shape.slice(1)))
    throw new Error(`rows of [${x.shape.slice(1)}] do not reshape to [${row}]`);
  return apply("Reshape", [x, integers([-1, ...row])], [1, ...row], { dtype: x.dtype });
};

function refuse(name: string, config: Config, allowed: Config): void {
  for (const [key, value] of Object.entries(allowed))
    if (key in config && JSON.stringify(config[key]) !== JSON.stringify(value))
      throw new TandemError(
        "not-supported",
        `Layer "${name}" has ${key} ${JSON.stringify(config[key])}: only ${JSON.stringify(value)} is written as ONNX.`,
      );
}

const activations: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  linear: (x) => x,
  relu,
  relu6: (x) => clip(x, 0, 6),
  sigmoid,
  tanh,
  softmax,
};
function activated(name: string, { activation }: Config, x: Tensor): Tensor {
  const found = activations[String(activation)];
  if (!found) {
    const known = Object.keys(activations).join(", ");
    throw new TandemError(
      "not-supported",
      `Layer "${name}" has the activation ${activation}, which is not written as ONNX: use one of ${known}.`,
    );
  }
  return found(x);
}

function valuesOf({ source }: Tensor): Float32Array {
  if (source.kind !== "constant") throw new Error("only weights are known before");
  return source.values as Float32Array;
}

/** The values of a weight in another order of axes, so that a file holds no weight to be turned. */
function turned(weight: Tensor, order: readonly number[]): Tensor {
  const { shape } = weight;
  const known = valuesOf(weight);
  const strides = shape.map((_, axis) => size(shape.slice(axis + 1)));
  const extents = order.map((axis) => shape[axis]);
  const values = Float32Array.from({ length: size(shape) }, (_, at) => {
    let [rest, from] = [at, 0];
    for (let i = order.length - 1; i >= 0; i--) {
      from += (rest % extents[i]) * strides[order[i]];
      rest = Math.floor(rest / extents[i]);
    }
    return known[from];
  });
  return constant(values, extents);
}

const channelsFirst = (x: Tensor) => transpose(x, [0, 3, 1, 2]);
const channelsLast = (x: Tensor) => transpose(x, [0, 2, 3, 1]);

/** What "same" adds around (B, C, h, w): the odd row or column goes to the far edge. */
function paddingOf({ padding }: Config, x: Tensor, kernel: number, stride: number): Padding {
  if (padding === "valid") return [0, 0, 0, 0];
  const [rows, columns] = x.shape
    .slice(2)
    .map((extent) => Math.max((Math.ceil(extent / stride) - 1) * stride + kernel - extent, 0));
  const [top, left] = [Math.floor(rows / 2), Math.floor(columns / 2)];
  return [top, left, rows - top, columns - left];
}

const plain = { dataFormat: "channelsLast", dilationRate: [1, 1] };
const square = (value: unknown) => (Array.isArray(value) ? Number(value[0]) : Number(value));

const convolve: Conversion = ({ inputs, name, config, weights: [kernel, bias] }) => {
  refuse(name, config, { ...plain, kernelSize: [kernel.shape[0], kernel.shape[0]] });
  const x = channelsFirst(inputs[0]);
  const stride = square(config.strides);
  const padding = paddingOf(config, x, kernel.shape[0], stride);
  const y = conv2d(x, turned(kernel, [3, 2, 0, 1]), { stride, padding, ...(bias && { bias }) });
  return activated(name, config, channelsLast(y));
};

const convolveDepthwise: Conversion = ({ inputs, name, config, weights: [kernel, bias] }) => {
  refuse(name, config, { ...plain, depthMultiplier: 1 });
  const x = channelsFirst(inputs[0]);
  const [side, , channels] = kernel.shape;
  const stride = square(config.strides);
  const pads = paddingOf(config, x, side, stride);
  const [rows, columns] = x.shape
    .slice(2)
    .map((extent, i) => Math.floor((extent + pads[i] + pads[i + 2] - side) / stride) + 1);
  const filter = turned(kernel, [2, 3, 0, 1]);
  const y = apply("Conv", bias ? [x, filter, bias] : [x, filter], [1, channels, rows, columns], {
    attributes: { kernel_shape: [side, side], strides: [stride, stride], pads, group: channels },
  });
  return activated(name, config, channelsLast(y));
};

/** With the moving means and variances: what it does when nothing trains. */
const normaliseBatch: Conversion = ({ inputs: [x], name, config, weights }) => {
  const last = x.shape.length - 1;
  if (config.axis !== -1) refuse(name, config, { axis: last });
  const own = [...weights];
  const gamma = config.scale ? own.shift() : undefined;
  const beta = config.center ? own.shift() : undefined;
  const [mean, variance] = own.map(valuesOf);
  const at = (weight: Tensor | undefined, i: number, otherwise: number) =>
    weight ? valuesOf(weight)[i] : otherwise;
  const scale = Float32Array.from(
    variance,
    (value, i) => at(gamma, i, 1) / Math.sqrt(value + Number(config.epsilon)),
  );
  const shift = Float32Array.from(scale, (by, i) => at(beta, i, 0) - by * mean[i]);
  const [by, plus] = [scale, shift].map((values) => constant(values, [values.length]));
  return add(mul(x, by), plus);
};

const padWithZeros: Conversion = ({ inputs: [x], name, config }) => {
  refuse(name, config, { dataFormat: "channelsLast" });
  const [rows, columns] = config.padding as readonly (readonly number[])[];
  return pad(x, [0, rows[0], columns[0], 0], [0, rows[1], columns[1], 0]);
};

const averagePool: Conversion = ({ inputs, name, config }) => {
  refuse(name, config, { dataFormat: "channelsLast", padding: "valid" });
  const x = channelsFirst(inputs[0]);
  const [side, stride] = [square(config.poolSize), square(config.strides)];
  const extents = x.shape.slice(2).map((extent) => Math.floor((extent - side) / stride) + 1);
  const y = apply("AveragePool", [x], [...x.shape.slice(0, 2), ...extents], {
    attributes: { kernel_shape: [side, side], strides: [stride, stride] },
  });
  return channelsLast(y);
};

const embed: Conversion = ({ inputs: [ids], config, weights: [table], masks }) => {
  const rows = gather(table, ids);
  if (config.maskZero) {
    const there = toFloat(greater(toFloat(ids), 0));
    masks.set(rows, reshapeRows(there, [...ids.shape.slice(1), 1]));
  }
  return rows;
};

/** Step by step, because ONNX's own GRU takes a text's length and no mask. */
const gru: Conversion = ({ inputs: [x], name, config, weights, masks }) => {
  refuse(name, config, {
    activation: "tanh",
    recurrentActivation: "sigmoid",
    goBackwards: false,
    returnSequences: false,
    returnState: false,
  });
  const [kernel, recurrent, bias] = weights;
  const units = recurrent.shape[0];
  const mask = masks.get(x);
  const part = (y: Tensor, i: number, count = 1) => slice(y, 1, i * units, (i + count) * units);
  const [gates, candidate] = [part(recurrent, 0, 2), part(recurrent, 2)];
  const projected = matmul(x, kernel);
  const tokens = bias ? add(projected, bias) : projected; // (B, L, 3 units)
  let state = constant(new Float32Array(units), [1, units]);
  for (let t = 0; t < x.shape[1]; t++) {
    const token = reshapeRows(slice(tokens, 1, t, t + 1), [3 * units]);
    const both = sigmoid(add(part(token, 0, 2), matmul(state, gates)));
    const [keep, reset] = [part(both, 0), part(both, 1)];
    const next = tanh(add(part(token, 2), matmul(mul(reset, state), candidate)));
    const change = mul(sub(1, keep), sub(next, state));
    const there = mask && reshapeRows(slice(mask, 1, t, t + 1), [1]);
    state = add(state, there ? mul(change, there) : change);
  }
  return state;
};

const dot: Conversion = ({ inputs: [x, y], name, config }) => {
  refuse(name, config, { normalize: false });
  const [a, b] = [config.axes].flat().map(Number);
  if (x.shape.length !== 3 || y.shape.length !== 3 || !(a > 0 && b > 0))
    throw new TandemError(
      "not-supported",
      `Layer "${name}" multiplies [${x.shape}] and [${y.shape}] over the axes ${config.axes}: only matrices are written as ONNX.`,
    );
  const [left, right] = [
    a === 2 ? x : transpose(x, [0, 2, 1]),
    b === 1 ? y : transpose(y, [0, 2, 1]),
  ];
  return matmul(left, right);
};

/** Means over axes, which go. */
const meanOver = (x: Tensor, axes: readonly number[]) =>
  reshapeRows(
    reduceMean(x, axes),
    x.shape.filter((_, axis) => axis > 0 && !axes.includes(axis)),
  );

/** Where an extent is -1, what is left over. */
function reshaped(x: Tensor, row: readonly number[]): Tensor {
  const known = row.reduce((product, extent) => (extent > 0 ? product * extent : product), 1);
  const whole = size(x.shape.slice(1));
  return reshapeRows(
    x,
    row.map((extent) => (extent > 0 ? extent : whole / known)),
  );
}

/** The kind again; throws `not-supported` for a layer that has no conversion. */
export function writable(kind: string, name: string): string {
  if (Object.hasOwn(conversions, kind)) return kind;
  throw new TandemError(
    "not-supported",
    `Layer "${name}" is a ${kind}, which is not written as ONNX: use one of ${Object.keys(conversions).join(", ")}.`,
  );
}

/** One stock layer of tfjs each, by the name of its class. */
export const conversions: Readonly<Record<string, Conversion>> = {
  Activation: ({ inputs, name, config }) => activated(name, config, inputs[0]),
  Add: ({ inputs }) => inputs.reduce(add),
  AveragePooling2D: averagePool,
  BatchNormalization: normaliseBatch,
  Concatenate: ({ inputs, config }) => {
    const axis = Number(config.axis);
    return concat(inputs, axis < 0 ? axis + inputs[0].shape.length : axis);
  },
  Conv2D: convolve,
  Dense: ({ inputs, name, config, weights: [kernel, bias] }) => {
    const y = matmul(inputs[0], kernel);
    return activated(name, config, bias ? add(y, bias) : y);
  },
  DepthwiseConv2D: convolveDepthwise,
  Dot: dot,
  Dropout: ({ inputs: [x] }) => x, // nothing trains there
  Embedding: embed,
  Flatten: ({ inputs: [x] }) => reshapeRows(x, [size(x.shape.slice(1))]),
  GRU: gru,
  GlobalAveragePooling1D: ({ inputs: [x] }) => meanOver(x, [1]),
  GlobalAveragePooling2D: ({ inputs: [x], name, config }) => {
    refuse(name, config, { dataFormat: "channelsLast" });
    return meanOver(x, [1, 2]);
  },
  LayerNormalization: ({ inputs: [x], name, config, weights: [scale, shift] }) => {
    refuse(name, config, { axis: [x.shape.length - 1], center: true, scale: true });
    return layerNorm(x, { scale, shift, epsilon: Number(config.epsilon) });
  },
  Multiply: ({ inputs }) => inputs.reduce(mul),
  Permute: ({ inputs, config }) => transpose(inputs[0], [0, ...(config.dims as number[])]),
  ReLU: ({ inputs: [x], config: { maxValue } }) =>
    typeof maxValue === "number" ? clip(x, 0, maxValue) : relu(x),
  Rescaling: ({ inputs, config }) =>
    add(mul(inputs[0], Number(config.scale)), Number(config.offset)),
  Reshape: ({ inputs, config }) => reshaped(inputs[0], config.targetShape as number[]),
  ZeroPadding2D: padWithZeros,
};
