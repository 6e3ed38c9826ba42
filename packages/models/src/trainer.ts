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
import { f32 } from "@tandem/core/tensor";
import type { Tokenizer } from "@tandem/core/tokenizer";
import { createAdam } from "@tandem/engine/adam";
import { nextTask } from "@tandem/engine/next-task";
import { isOutOfMemory } from "@tandem/engine/out-of-memory";
import { imageTensor } from "@tandem/engine/tensors";
import * as tf from "@tensorflow/tfjs-core";

const predictionBatch = 128;

/** Batches are halved, for good, each time that memory runs out, down to 4 samples. */
export function createTrainer(options: {
  readonly tokenizer: Tokenizer;
  readonly onSmallerBatch?: (size: number) => void;
}): Trainer {
  const { tokenizer, onSmallerBatch } = options;
  let limit = Number.POSITIVE_INFINITY;
  const thrift: Thrift = {
    limited: (size) => Math.min(size, limit),
    isShortened(error, size) {
      releaseTape();
      if (!isOutOfMemory(error) || size <= smallestBatch) return false;
      limit = Math.max(smallestBatch, Math.floor(size / 2));
      onSmallerBatch?.(limit);
      return true;
    },
  };
  return {
    train: (request) => train(tokenizer, thrift, request),
    predict: (model, set, signal) => predict(tokenizer, thrift, model, set, signal),
  };
}

const smallestBatch = 4;
type Thrift = {
  readonly limited: (size: number) => number;
  /** Whether a batch of so many samples that has failed is to be tried again, with fewer. */
  readonly isShortened: (error: unknown, size: number) => boolean;
};

type TapeNode = { readonly saved?: readonly tf.Tensor[] };

/** tfjs keeps what a gradient that has failed saved for its backward pass. */
function releaseTape(): void {
  const { state } = tf.engine() as unknown as { readonly state: { activeTape: TapeNode[] | null } };
  for (const { saved = [] } of state.activeTape ?? []) for (const tensor of saved) tensor.dispose();
  state.activeTape = null;
}

/** Tensors of the samples; the caller owns them. */
function inputOf(set: LabelledSet, tokenizer: Tokenizer): ModelInput {
  const { images, captions, size } = set;
  return {
    ...(images && {
      image: tf.div(imageTensor(images), 255),
    }),
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
