import type { Scalar, Tensor1D, Tensor2D, Tensor4D, Variable } from "@tensorflow/tfjs-core";
import type { ClientModality, LabelledSet, Modality } from "./data";
import type { Rng } from "./rng";
import type { Arrays, TensorOf } from "./tensor";

export type ModelInput = {
  /** (B, h, w, 3) in [0, 1]. */
  readonly image?: Tensor4D;
  /** (B, d) what a backbone makes of the pictures, in their place. */
  readonly features?: Tensor2D;
  /** (B, L) int32 token ids, 0 pads. */
  readonly tokens?: Tensor2D;
};

/** What image-text clients learn from their pairs: the classes, which belongs to which, or both. */
export const clientTasks = ["classification", "retrieval", "both"] as const;
export type ClientTask = (typeof clientTasks)[number];

/** Client models that train a LayersModel of somebody's, names of `@tandem/models`. */
export const encoderArchitectures = {
  image: "own-layers",
  "image-text": "dual-own-layers-bag",
} as const satisfies Partial<Record<ClientModality, string>>;

export const trainsEncoder = (architecture: string): boolean =>
  Object.values<string>(encoderArchitectures).includes(architecture);

/** One entry per modality that the model has and the input holds. */
export type ModelOutput = {
  /** (B, d), unit rows. */
  readonly z: Readonly<Partial<Record<Modality, Tensor2D>>>;
  /** (B, C). */
  readonly logits: Readonly<Partial<Record<Modality, Tensor2D>>>;
};

/** A client's task model: an encoder, a projector and a head for each of its modalities. */
export interface ClientModel {
  readonly architecture: string;
  readonly modality: ClientModality;
  /** Of one modality: classification, whatever the experiment asks of pairs. */
  readonly task: ClientTask;
  readonly classes: number;
  /** d, the width of the shared embedding space. */
  readonly dimension: number;
  /** How many features it reads in place of a picture; absent: pixels, or captions alone. */
  readonly featureSize?: number;
  /**
   * `<modality>.head.weight` (features, C) and `<modality>.head.bias` (C,) are the heads. A model that
   * learns retrieval has `retrieval.logTemperature` (1,) besides.
   */
  readonly variables: Readonly<Record<string, Variable>>;
  /** Differentiable; call inside `tf.tidy` or a gradient. The caller owns the result. */
  forward(input: ModelInput): ModelOutput;
  weights(): Promise<Arrays>;
  /** Throws `bad-data` unless names and shapes are exactly those of `weights()`. */
  load(weights: Arrays): void;
  dispose(): void;
}

export type TrainingBatch = ModelInput & {
  /** (B,) int32. */
  readonly labels: Tensor1D;
  /** Rows of the set that this batch holds. */
  readonly indices: Int32Array;
  /** (B,) of 1 and 0 for each modality that some samples of the set lack. */
  readonly present?: Readonly<Partial<Record<Modality, Tensor1D>>>;
};

export type TrainOptions = {
  readonly model: ClientModel;
  readonly set: LabelledSet;
  readonly epochs: number;
  readonly batchSize: number;
  /** Adam's step size. */
  readonly learningRate: number;
  readonly rng: Rng;
  /** Mean loss of a batch; runs inside the gradient. */
  readonly loss: (output: ModelOutput, batch: TrainingBatch) => Scalar;
  /** Trained besides the model's own; the caller keeps them. */
  readonly variables?: readonly Variable[];
  readonly onBatch?: (done: number, total: number, loss: number) => void;
  readonly signal?: AbortSignal;
};

/** Outputs over a whole set, as plain data. */
export type Predictions = {
  readonly z: Readonly<Partial<Record<Modality, TensorOf<"f32">>>>;
  readonly logits: Readonly<Partial<Record<Modality, TensorOf<"f32">>>>;
};

/** The one training loop. Leaves `tf.memory().numTensors` as it was, apart from the model. */
export interface Trainer {
  train(options: TrainOptions): Promise<{ readonly loss: number; readonly batches: number }>;
  predict(model: ClientModel, set: LabelledSet, signal?: AbortSignal): Promise<Predictions>;
}
