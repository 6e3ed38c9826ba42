import type { featureEncoders, imageEncoders, textEncoders } from "@tandem/models/encoders";
import { layers, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import {
  beside,
  columns,
  extentsOf,
  layerName,
  reshaped,
  rows,
  type Stock,
  scaled,
  values,
} from "./stock";
import {
  addPositions,
  convolution,
  dense,
  dot,
  layerNorm,
  permute,
  reshape,
  separableConvolution,
  softmax,
  standardise,
  transformerLayer,
} from "./stock-layers";

export type StockEncoder = (
  s: Stock,
  x: SymbolicTensor,
  options: { readonly vocabularySize: number },
) => SymbolicTensor;

/** 0 to 1 becomes -1 to 1. */
const centred = (s: Stock, x: SymbolicTensor) =>
  s.place(layers.rescaling({ name: "image_centred", scale: 2, offset: -1 }), x);
const meanOfPicture = (s: Stock, x: SymbolicTensor) =>
  s.place(layers.globalAveragePooling2d({ name: "image_mean" }), x);

const cnn =
  (widths: readonly number[]): StockEncoder =>
  (s, x) => {
    const seen = widths.reduce(
      (h, outputs, i) => {
        const inputs = i === 0 ? 3 : widths[i - 1];
        return convolution(s, `image.conv${i}`, { inputs, outputs, stride: 2 })(h);
      },
      centred(s, x),
    );
    return meanOfPicture(s, seen);
  };

const mlp: StockEncoder = (s, x) => {
  const config = { poolSize: 2, strides: 2, padding: "valid" } as const;
  const small = s.place(layers.averagePooling2d({ name: "image_small", ...config }), x);
  const flat = s.place(layers.flatten({ name: "image_flat" }), centred(s, small));
  const [inputs] = extentsOf(flat);
  const first = { inputs, outputs: 128, activation: "relu" } as const;
  const second = { inputs: 128, outputs: 64, activation: "relu" } as const;
  return dense(s, "image.dense1", second)(dense(s, "image.dense0", first)(flat));
};

const depthwise: StockEncoder = (s, x) => {
  const first = convolution(s, "image.conv", { inputs: 3, outputs: 16, stride: 2 });
  const sides = [
    { inputs: 16, outputs: 32, stride: 2 },
    { inputs: 32, outputs: 64, stride: 2 },
    { inputs: 64, outputs: 64, stride: 1 },
  ];
  const seen = sides.reduce(
    (h, side, i) => separableConvolution(s, `image.block${i}`, side)(h),
    first(centred(s, x)),
  );
  return meanOfPicture(s, seen);
};

/** A dense layer of patches is a convolution whose window moves by its own size. */
const vit: StockEncoder = (s, x) => {
  const [side, width, heads] = [4, 48, 2];
  const patch = extentsOf(x)[0] / side; // pixels
  const kernel = s.take("image.patch.weight", [patch ** 2 * 3, width]);
  const bias = s.take("image.patch.bias", [width]);
  const initial = { kernelInitializer: "zeros" } as const;
  const cut = s.place(
    layers.conv2d({
      name: "image_patch",
      filters: width,
      kernelSize: patch,
      strides: patch,
      ...initial,
    }),
    centred(s, x),
    reshaped(kernel, [patch, patch, 3, width]),
    bias,
  );
  const patches = reshape(s, "image.patches", cut, [side ** 2, width]);
  const seen = [0, 1].reduce(
    (h, i) => transformerLayer(s, `image.layer${i}`, { width, heads })(h),
    addPositions(s, "image.positions", patches),
  );
  const normal = layerNorm(s, "image.norm", width)(seen);
  return s.place(layers.globalAveragePooling1d({ name: "image_mean" }), normal);
};

/** Rows of the model's table for ids (B, L): (B, L, width). */
function words(s: Stock, ids: SymbolicTensor, options: WordOptions): SymbolicTensor {
  const { width, vocabularySize: inputDim, maskZero = false } = options;
  const config = { inputDim, outputDim: width, maskZero, embeddingsInitializer: "zeros" } as const;
  const table = s.take("text.embedding.weight", [inputDim, width]);
  return s.place(layers.embedding({ name: "text_words", ...config }), ids, table);
}
type WordOptions = {
  readonly width: number;
  readonly vocabularySize: number;
  readonly maskZero?: boolean;
};

/** 1 where a token is and 0 where it pads, (B, L, 1), and what hides the latter, 0 and -1e9, (B, 1, L). */
function presence(s: Stock, ids: SymbolicTensor, vocabularySize: number) {
  const size = { inputDim: vocabularySize, outputDim: 1 };
  const config = { ...size, embeddingsInitializer: "zeros", trainable: false } as const;
  const table = values([vocabularySize, 1], (id) => (id === 0 ? 0 : 1));
  const mask = s.place(layers.embedding({ name: "text_present", ...config }), ids, table);
  const turned = permute(s, "text.turned", mask, [2, 1]);
  const hidden = s.place(
    layers.rescaling({ name: "text_hidden", scale: 1e9, offset: -1e9 }),
    turned,
  );
  return { mask, hidden };
}

/** Mean of (B, L, w) over the tokens that are there; zeros for an empty text. */
function meanOfTokens(
  s: Stock,
  x: SymbolicTensor,
  { mask, hidden }: ReturnType<typeof presence>,
): SymbolicTensor {
  const there = s.place(layers.multiply({ name: "text_there" }), [x, mask]);
  const shares = softmax(s, "text.shares", hidden); // (B, 1, L)
  return s.place(layers.flatten({ name: "text_mean" }), dot(s, "text.sum", shares, there, [2, 1]));
}

const bag: StockEncoder = (s, ids, { vocabularySize }) => {
  const mean = meanOfTokens(
    s,
    words(s, ids, { width: 48, vocabularySize }),
    presence(s, ids, vocabularySize),
  );
  return dense(s, "text.dense", { inputs: 48, outputs: 64, activation: "relu" })(mean);
};

/**
 * Ours has reset and update gates over [token, state]; the stock layer has update, reset and candidate,
 * and its update says how much stays: 1 - σ(a) = σ(-a).
 */
const gru: StockEncoder = (s, ids, { vocabularySize }) => {
  const [token, units] = [32, 64];
  const gates = s.take("text.gates.weight", [token + units, 2 * units]);
  const gatesBias = s.take("text.gates.bias", [2 * units]);
  const candidate = s.take("text.candidate.weight", [token + units, units]);
  const candidateBias = s.take("text.candidate.bias", [units]);
  const reset = (part: typeof gates) => columns(part, 0, units);
  const keep = (part: typeof gates) => scaled(columns(part, units, 2 * units), -1);
  const kernel = beside([keep(gates), reset(gates), candidate]);
  return s.place(
    layers.gru({
      name: layerName("text.gru"),
      units,
      activation: "tanh",
      recurrentActivation: "sigmoid",
      kernelInitializer: "zeros",
      recurrentInitializer: "zeros",
    }),
    words(s, ids, { width: token, vocabularySize, maskZero: true }),
    rows(kernel, 0, token),
    rows(kernel, token, token + units),
    beside([keep(gatesBias), reset(gatesBias), candidateBias]),
  );
};

const transformer: StockEncoder = (s, ids, { vocabularySize }) => {
  const width = 48;
  const there = presence(s, ids, vocabularySize);
  const seen = transformerLayer(s, "text", { width, heads: 1 })(
    words(s, ids, { width, vocabularySize }),
    there.hidden,
  );
  return meanOfTokens(s, seen, there);
};

/** Features (B, d), each picture's with mean 0 and deviation 1. */
const linear: StockEncoder = (s, x) =>
  standardise(s, "image.normal", x, { epsilon: 1e-5, scale: 1 });

const perceptron: StockEncoder = (s, x, options) => {
  const [inputs] = extentsOf(x);
  const hidden = { inputs, outputs: 128, activation: "relu" } as const;
  return dense(s, "image.dense", hidden)(linear(s, x, options));
};

/** The models' encoders by their names, in stock layers of tfjs. */
export const stockEncoders = {
  "cnn-small": cnn([16, 32, 64]),
  "cnn-wide": cnn([24, 48, 96]),
  "mlp-image": mlp,
  "cnn-depthwise": depthwise,
  vit,
  bag,
  gru,
  transformer,
  linear,
  perceptron,
} as const satisfies Record<
  keyof typeof imageEncoders | keyof typeof textEncoders | keyof typeof featureEncoders,
  StockEncoder
>;
