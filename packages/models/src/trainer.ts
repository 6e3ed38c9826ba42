import { type LabelledSet, type Modality, type Presence, subset } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import type {
  ClientModel,
  ModelInput,
  Predictions,
  Trainer,
  TrainingBatch,
  TrainOptions,
} from "@tandem/core/model";
import { f32, type TensorOf } from "@tandem/core/tensor";
import type { Tokenizer } from "@tandem/core/tokenizer";
import { createAdam } from "@tandem/engine/adam";
import { nextTask } from "@tandem/engine/next-task";
import { imageTensor, matrixTensor } from "@tandem/engine/tensors";
import * as tf from "@tensorflow/tfjs-core";
import { createThrift, type Thrift } from "./thrift";

const predictionBatch = 128;

/**
 * What a backbone makes of pictures (N, h, w, 3): (N, d). Asked for the whole of a set at once, again
 * whenever the set is used: `createFeaturiser` remembers.
 */
export type Featurise = (images: TensorOf<"u8">, signal?: AbortSignal) => Promise<TensorOf<"f32">>;

/** Batches are halved, for good, each time that memory runs out, down to 4 samples. */
export function createTrainer(options: {
  readonly tokenizer: Tokenizer;
  readonly onSmallerBatch?: (size: number) => void;
  /** For sets of pictures without features, where a model reads these. */
  readonly featurise?: Featurise;
}): Trainer {
  const { tokenizer, onSmallerBatch, featurise } = options;
  const thrift = createThrift({ smallest: 4, onSmallerBatch });
  const readable = (model: ClientModel, set: LabelledSet, signal?: AbortSignal) =>
    withFeatures(set, { featureSize: model.featureSize, featurise, signal });
  return {
    train: async (request) =>
      train(tokenizer, thrift, {
        ...request,
        set: await readable(request.model, request.set, request.signal),
      }),
    predict: async (model, set, signal) =>
      predict(tokenizer, thrift, model, await readable(model, set, signal), signal),
  };
}

/** The set with the features that the model reads in place of pictures, if it does. */
async function withFeatures(
  set: LabelledSet,
  options: {
    readonly featureSize: number | undefined;
    readonly featurise: Featurise | undefined;
    readonly signal: AbortSignal | undefined;
  },
): Promise<LabelledSet> {
  const { featureSize, featurise, signal } = options;
  const { features: own, images, ...rest } = set;
  if (featureSize === undefined) return images ? { ...rest, images } : rest;
  if (!images && !own) return rest;
  const features = own ?? (images && (await featurise?.(images, signal)));
  if (!features)
    throw new TandemError(
      "bad-config",
      "the model reads a backbone's features, and there is no backbone to make them: load the task's first.",
    );
  if (features.shape[1] !== featureSize)
    throw new TandemError(
      "bad-data",
      `the pictures have ${features.shape[1]} features each and the model reads ${featureSize}: make them with the task's backbone.`,
    );
  return { ...rest, features };
}

/** Tensors of the samples; the caller owns them. */
function inputOf(set: LabelledSet, tokenizer: Tokenizer): ModelInput {
  const { images, features, captions, size } = set;
  return {
    ...(images && { image: tf.div(imageTensor(images), 255) as tf.Tensor4D }),
    ...(features && { features: matrixTensor(features) }),
    ...(captions && {
      tokens: tf.tensor2d(tokenizer.encode(captions), [size, tokenizer.length], "int32"),
    }),
  };
}

const masksOf = (present: Presence): NonNullable<TrainingBatch["present"]> =>
  Object.fromEntries(
    Object.entries(present).map(([modality, mask]) => [
      modality,
      tf.tensor1d(Float32Array.from(mask)),
    ]),
  );

async function train(tokenizer: Tokenizer, thrift: Thrift, options: TrainOptions) {
  const { model, set, epochs, batchSize, rng, loss, onBatch, signal } = options;
  const variables = [...Object.values(model.variables), ...(options.variables ?? [])];
  const optimizer = createAdam(options.learningRate, variables);
  const perEpoch = Math.ceil(set.size / batchSize);
  let [batches, sum] = [0, 0];

  async function step(indices: Int32Array): Promise<number> {
    const part = subset(set, indices);
    const cost = tf.tidy(() => {
      const batch: TrainingBatch = {
        ...inputOf(part, tokenizer),
        labels: tf.tensor1d(part.labels, "int32"),
        indices,
        ...(part.present && { present: masksOf(part.present) }),
      };
      const value = () => loss(model.forward(batch), batch);
      return optimizer.minimize(value);
    });
    // Reading the loss waits for the device, which also lets messages in between batches.
    const value = (await cost.data())[0];
    cost.dispose();
    return value;
  }

  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = rng.permutation(set.size);
      for (let from = 0; from < set.size; ) {
        if (signal?.aborted) throw new TandemError("cancelled", "training was cancelled");
        const indices = order.slice(from, from + thrift.limited(batchSize));
        let value: number;
        try {
          value = await step(indices);
        } catch (error) {
          if (thrift.isShortened(error, indices.length)) continue;
          throw error;
        }
        if (!Number.isFinite(value)) throw new Error(`the loss became ${value}`);
        from += indices.length;
        batches++;
        sum = epoch === epochs - 1 ? sum + value * indices.length : 0;
        onBatch?.(epoch * perEpoch + Math.ceil(from / batchSize), epochs * perEpoch, value);
        await nextTask();
      }
    }
  } finally {
    optimizer.dispose();
  }
  return { loss: epochs === 0 ? 0 : sum / set.size, batches };
}

async function predict(
  tokenizer: Tokenizer,
  thrift: Thrift,
  model: ClientModel,
  set: LabelledSet,
  signal?: AbortSignal,
): Promise<Predictions> {
  type Part = {
    readonly kind: "z" | "logits";
    readonly modality: Modality;
    readonly values: Float32Array;
  };
  const parts: Part[] = [];

  async function outputOf(rows: Int32Array): Promise<readonly Part[]> {
    const found: Part[] = [];
    const output = tf.tidy(() => model.forward(inputOf(subset(set, rows), tokenizer)));
    for (const kind of ["z", "logits"] as const)
      for (const [modality, tensor] of Object.entries(output[kind]) as [Modality, tf.Tensor2D][]) {
        found.push({ kind, modality, values: (await tensor.data()) as Float32Array });
        tensor.dispose();
      }
    return found;
  }

  for (let from = 0; from < set.size; ) {
    if (signal?.aborted) throw new TandemError("cancelled", "prediction was cancelled");
    const size = Math.min(thrift.limited(predictionBatch), set.size - from);
    const rows = Int32Array.from({ length: size }, (_, i) => from + i);
    try {
      parts.push(...(await outputOf(rows)));
    } catch (error) {
      if (thrift.isShortened(error, size)) continue;
      throw error;
    }
    from += size;
  }
  const joined = (kind: "z" | "logits", width: number) =>
    Object.fromEntries(
      [...new Set(parts.map(({ modality }) => modality))].map((modality) => {
        const own = parts.filter((part) => part.kind === kind && part.modality === modality);
        const data = new Float32Array(set.size * width);
        let at = 0;
        for (const { values } of own) {
          data.set(values, at);
          at += values.length;
        }
        return [modality, f32([set.size, width], data)];
      }),
    );
  return { z: joined("z", model.dimension), logits: joined("logits", model.classes) };
}
