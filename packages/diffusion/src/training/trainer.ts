import { TandemError } from "@tandem/core/errors";
import { checkFinite } from "@tandem/core/finite";
import { createRng, type Rng } from "@tandem/core/rng";
import { type Arrays, f32 } from "@tandem/core/tensor";
import { layoutSize, viewsOf } from "@tandem/graph/layout";
import { floats, type SessionOptions, type Values, value } from "@tandem/graph/onnx-session";
import { compileStateful } from "@tandem/graph/stateful";
import type { DiffusionModel } from "../diffusion-model";
import type { LoraTargets } from "../models/source";
import type { Weights } from "../models/weights";
import { trainingScheduler } from "../schedulers/training";
import { type BatchOptions, drawBatch } from "./batch";
import { traceGradient, traceObjective, traceUpdate } from "./objective";
import { startOf } from "./start";
import type { TrainingState } from "./state";

export type TrainerOptions = Pick<BatchOptions, "sample" | "batchSize" | "latents"> &
  Partial<Pick<BatchOptions, "captionDropout" | "minSnrGamma" | "nearBase">> &
  SessionOptions & {
    /** Trains an adapter; without it every parameter of U-Net and text encoder. */
    readonly lora?: LoraTargets | undefined;
    /** Of the adapter, to go on from. */
    readonly adapter?: Arrays | undefined;
    /** By the number of the step, from 1. */
    readonly learningRate: (step: number) => number;
    readonly seed: string | number;
    /** Batches whose gradients are averaged for one step. */
    readonly accumulate?: number;
    /** Largest norm of the whole gradient. */
    readonly clip?: number;
    readonly weightDecay?: number;
    /** Decay of the average of all weights; without it none is kept. */
    readonly averageDecay?: number;
    readonly maxScoreBytes?: number;
    /** Batches with targets of their own; by default the samples, noised. */
    readonly draw?: (rng: Rng) => Promise<Values>;
    /** Blocks are computed again for their gradients: less memory, more time (docs/bench.md). */
    readonly checkpointing?: boolean;
  };

export type StepReport = {
  readonly step: number;
  readonly loss: number;
  /** Norm of the gradient before clipping. */
  readonly norm: number;
};

export type Trainer = {
  /** Throws `bad-data` with the step when learning rate, loss or gradient is no number. */
  step(): Promise<StepReport>;
  /**
   * Copies by name; the running averages where they are kept, unless `latest`. Throws `bad-data` with
   * the name of an array that holds NaN or an infinity.
   */
  trained(options?: { readonly latest?: boolean }): Weights;
  /** All that the next steps depend on, copied. */
  state(): TrainingState;
  close(): Promise<void>;
};

/**
 * The one training loop of the teacher, base and adapter alike. Step t draws from a stream of its
 * own, so that a state needs no random generator: 2 + 2 steps are the same bits as 4.
 */
export async function createTrainer(
  model: DiffusionModel,
  options: TrainerOptions,
  resume?: TrainingState,
): Promise<Trainer> {
  const { lora, averageDecay, seed, accumulate = 1, nearBase = 0, batchSize } = options;
  if (lora) checkTargets(lora, model);
  const training = traceObjective(model, {
    shape: {
      batch: batchSize,
      length: model.tokenizer.length,
      latents: options.latents,
      ...(options.maxScoreBytes && { maxScoreBytes: options.maxScoreBytes }),
    },
    lora,
    trained: lora ? isAdapter : () => true,
    nearBase: nearBase > 0,
    recompute: options.checkpointing ?? false,
  });
  const { layout } = training;
  const count = layoutSize(layout);
  const average = averageDecay !== undefined;
  const known: Arrays = { ...model.weights, ...options.adapter };
  const { frozen, vectors } = startOf(training, { known, seed, average }, resume);
  const vector = (data: Float32Array) => value(data, [count]);
  const gradient = await compileStateful(
    traceGradient(training),
    { sum: vector(new Float32Array(count)) },
    options,
  );
  const { clip = 1, weightDecay = 0 } = options;
  const update = await compileStateful(
    traceUpdate(count, { clip, weightDecay, average }),
    {
      trained: vector(vectors.trained),
      "m:trained": vector(vectors.m),
      "v:trained": vector(vectors.v),
      ...(vectors.average && { average: vector(vectors.average) }),
    },
    options,
  );

  const draw = options.draw ?? noisedSamples(model, options);
  const one = (number: number) => value(Float32Array.of(number), []);
  let done = resume?.step ?? 0;
  const copyOf = (name: string) => Float32Array.from(floats(update.state()[name]));
  return {
    async step() {
      const t = done + 1;
      let loss = 0;
      for (let i = 0; i < accumulate; i++) {
        const results = await gradient.run({
          ...frozen,
          ...(await draw(createRng(`${seed}/${t}/${i}`))),
          trained: update.state().trained,
          keep: one(i === 0 ? 0 : 1),
          share: one(1 / accumulate),
        });
        loss += floats(results.loss)[0] / accumulate;
      }
      refuseNone(t, "the loss", loss);
      const learningRate = options.learningRate(t);
      refuseNone(t, "the learning rate", learningRate);
      const { norm } = await update.run({
        gradient: gradient.state().sum,
        learningRate: one(learningRate),
        correction1: one(1 - 0.9 ** t),
        correction2: one(1 - 0.999 ** t),
        // The average begins young: an old one would remember the first, random weights.
        ...(averageDecay !== undefined && {
          pace: one(1 - Math.min(averageDecay, t / (t + 20))),
        }),
      });
      refuseNone(t, "the gradient's norm", floats(norm)[0]);
      done = t;
      return { step: t, loss, norm: floats(norm)[0] };
    },
    trained({ latest = false } = {}) {
      const flat = copyOf(average && !latest ? "average" : "trained");
      const views = viewsOf(flat, layout);
      for (const { name } of layout) checkFinite(`trained ${name}`, views[name], diverged);
      return Object.fromEntries(layout.map(({ name, shape }) => [name, f32(shape, views[name])]));
    },
    state: () => ({
      step: done,
      seed: String(seed),
      layout,
      vectors: {
        trained: copyOf("trained"),
        m: copyOf("m:trained"),
        v: copyOf("v:trained"),
        ...(average && { average: copyOf("average") }),
      },
    }),
    async close() {
      await gradient.release();
      await update.release();
    },
  };
}

const isAdapter = (name: string) => /\.lora_[AB]\.weight$/.test(name);

function noisedSamples(
  { tokenizer, configs }: DiffusionModel,
  options: TrainerOptions,
): (rng: Rng) => Promise<Values> {
  const batches: BatchOptions = {
    ...options,
    tokenizer,
    scheduler: trainingScheduler(configs.scheduler).scheduler,
    captionDropout: options.captionDropout ?? 0.1,
    nearBase: options.nearBase ?? 0,
  };
  return async (rng) => drawBatch(rng, batches);
}

const diverged = "training has diverged: lower the learning rate";

function refuseNone(step: number, what: string, number: number): void {
  if (!Number.isFinite(number))
    throw new TandemError("bad-data", `step ${step}: ${what} is ${number}; ${diverged}`);
}

function checkTargets({ targets }: LoraTargets, { weights }: DiffusionModel): void {
  const found = Object.keys(weights).some(
    (name) => /^(unet|text_encoder)\..*\.weight$/.test(name) && targets(name.slice(0, -7)),
  );
  if (!found)
    throw new TandemError(
      "bad-config",
      'no layer matches the LoRA targets; layers are called such as "unet.mid_block.attentions.0.proj_in"',
    );
}
