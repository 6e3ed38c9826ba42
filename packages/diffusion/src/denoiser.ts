import type { Rng } from "@tandem/core/rng";
import type { Arrays, TensorOf } from "@tandem/core/tensor";
import type { Tokenizer } from "@tandem/core/tokenizer";
import { adamW } from "@tandem/graph/adamw";
import { mul, square, sub } from "@tandem/graph/elementwise";
import { gradients } from "@tandem/graph/gradients";
import { ids, type Values, value } from "@tandem/graph/session";
import { reduceMean, reshape, sumAll } from "@tandem/graph/shape";
import { input, type Tensor } from "@tandem/graph/tensor";
import { createParameters, type Parameters } from "./parameters";
import { alphaSigma, timeFeatures, velocity } from "./schedule";
import { type ModelConfig, textEncoder, unet } from "./unet";

const timeWidth = 64;

/** The prediction of v for a batch, with the parameters that it reads. */
export function traceDenoiser(config: ModelConfig, batch: number, parameters: Parameters): Tensor {
  const { sampleSize, textLength } = config;
  const mask = input("mask", [batch, 1, 1, textLength]);
  const present = input("present", [batch, textLength, 1]);
  const text = textEncoder(parameters, config, input("ids", [batch, textLength], "i64"), {
    mask,
    present,
  });
  const x = input("x", [batch, 3, sampleSize, sampleSize]);
  return unet(parameters, config, x, input("time", [batch, timeWidth]), text);
}

/** Loss Σ ω_i mse(v_i) / B and one AdamW step of the parameters for which `trained` holds. */
export function traceTrainingStep(
  config: ModelConfig,
  options: {
    readonly batch: number;
    readonly loraRank: number;
    readonly trained: (name: string) => boolean;
  },
) {
  const { batch, loraRank, trained } = options;
  const parameters = createParameters(loraRank);
  const predicted = traceDenoiser(config, batch, parameters);
  const error = square(sub(predicted, input("target", predicted.shape)));
  const each = reshape(reduceMean(error, [1, 2, 3]), [batch]);
  const loss = mul(sumAll(mul(each, input("weights", [batch]))), 1 / batch);
  const names = [...parameters.specs.keys()].filter(trained);
  const variables = names.map((name) => parameters.tensors[name]);
  const byName = (values: readonly Tensor[]) =>
    Object.fromEntries(names.map((name, i) => [name, values[i]]));
  const updates = adamW(byName(variables), byName(gradients(loss, variables)));
  return { parameters, outputs: { loss, ...updates } };
}

/** Parameters as the graph's inputs. */
export const parameterValues = (arrays: Arrays): Values =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => {
      if (array.dtype !== "f32") throw new Error(`"${name}" is ${array.dtype}, not f32`);
      return [name, value(array.data, array.shape)];
    }),
  );

/** Token ids and masks; an empty caption attends to its first, padded, place alone. */
export function captionValues(captions: readonly string[], tokenizer: Tokenizer): Values {
  const { length } = tokenizer;
  const tokens = tokenizer.encode(captions);
  const mask = new Float32Array(tokens.length);
  const present = new Float32Array(tokens.length);
  for (let row = 0; row < captions.length; row++) {
    const own = tokens.subarray(row * length, (row + 1) * length);
    const words = Math.max(1, own.filter((id) => id !== 0).length);
    for (let i = 0; i < length; i++) {
      mask[row * length + i] = i < words ? 0 : -1e9;
      present[row * length + i] = i < words ? 1 / words : 0;
    }
  }
  return {
    ids: ids(tokens, [captions.length, length]),
    mask: value(mask, [captions.length, 1, 1, length]),
    present: value(present, [captions.length, length, 1]),
  };
}

export const timeValues = (times: readonly number[]): Values => ({
  time: value(timeFeatures(times, timeWidth), [times.length, timeWidth]),
});

/** (N, h, w, 3) bytes to (N, 3, h, w) in [-1, 1], and back. */
export function toPlanes({ data, shape }: TensorOf<"u8">): Float32Array {
  const [count, height, width] = shape;
  const plane = height * width;
  const out = new Float32Array(data.length);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < plane; j++)
      for (let c = 0; c < 3; c++)
        out[(i * 3 + c) * plane + j] = data[(i * plane + j) * 3 + c] / 127.5 - 1;
  return out;
}

export function fromPlanes(values: Float32Array, count: number, side: number): TensorOf<"u8"> {
  const plane = side * side;
  const data = new Uint8Array(values.length);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < plane; j++)
      for (let c = 0; c < 3; c++) {
        const level = Math.round((values[(i * 3 + c) * plane + j] + 1) * 127.5);
        data[(i * plane + j) * 3 + c] = Math.max(0, Math.min(255, level));
      }
  return { dtype: "u8", shape: [count, side, side, 3], data };
}

/** Noised pictures with their times and targets; `planes` is (B, 3, h, w). */
export function noisedValues(planes: Float32Array, shape: readonly number[], rng: Rng): Values {
  const [batch] = shape;
  const stride = planes.length / batch;
  const times = Array.from({ length: batch }, (_, i) => (i + rng.uniform()) / batch); // stratified
  const x = new Float32Array(planes.length);
  const target = new Float32Array(planes.length);
  for (let i = 0; i < batch; i++) {
    const [alpha, sigma] = alphaSigma(times[i]);
    for (let j = i * stride; j < (i + 1) * stride; j++) {
      const noise = rng.normal();
      x[j] = alpha * planes[j] + sigma * noise;
      target[j] = velocity(planes[j], noise, times[i]);
    }
  }
  return { x: value(x, shape), target: value(target, shape), ...timeValues(times) };
}
