import { TandemError } from "@tandem/core/errors";
import type { Rng } from "@tandem/core/rng";
import type { TaskOptions } from "@tandem/core/teacher";
import { type Arrays, sizeOf, type TensorOf } from "@tandem/core/tensor";
import type { DiffusionModel } from "../diffusion-model";
import type { LoraAdapter } from "../lora/adapter";
import { readPeft } from "../lora/peft";
import type { LoraTargets } from "../models/source";
import type { TrainingSample } from "./batch";
import type { TrainingState } from "./state";
import { createTrainer, type StepReport, type Trainer, type TrainerOptions } from "./trainer";

/** Pictures as latents (N, C, h, w) with their captions; every weight is 1 unless given. */
export type TrainingSet = {
  readonly latents: TensorOf<"f32">;
  readonly captions: readonly string[];
  readonly weights?: readonly number[];
};

export type AdapterTraining = Omit<TrainerOptions, "sample" | "latents" | "lora"> & {
  readonly lora: LoraTargets;
  readonly samples: TrainingSet;
  /** Prior preservation: samples of what the model should still know, and their share of a batch. */
  readonly prior?: TrainingSet & { readonly share: number };
  readonly steps: number;
  readonly resume?: TrainingState | undefined;
  /** After each step; what it returns is awaited. */
  readonly onStep?: (report: StepReport, trainer: Trainer) => void | Promise<void>;
};

/** Trains the low-rank terms of the layers that `lora` targets. Names are PEFT's. */
export async function trainAdapter(
  model: DiffusionModel,
  options: AdapterTraining,
  task: TaskOptions = {},
): Promise<{ readonly arrays: Arrays; readonly losses: readonly number[] }> {
  const { samples, prior, steps } = options;
  const [, ...shape] = (samples.captions.length > 0 ? samples : (prior ?? samples)).latents.shape;
  if (samples.captions.length + (prior?.captions.length ?? 0) === 0)
    throw new TandemError("bad-data", "nothing to train on: give samples or a prior");
  const trainer = await createTrainer(
    model,
    {
      ...options,
      latents: [shape[0], shape[1], shape[2]],
      sample: mixed(samples, prior),
    },
    options.resume,
  );
  try {
    const losses: number[] = [];
    for (let done = options.resume?.step ?? 0; done < steps; done++) {
      if (task.signal?.aborted) throw new TandemError("cancelled", "training was cancelled");
      const report = await trainer.step();
      losses.push(report.loss);
      task.progress?.(report.step / steps, "fine-tuning");
      await options.onStep?.(report, trainer);
    }
    return { arrays: trainer.trained(), losses };
  } finally {
    await trainer.close();
  }
}

/** Draws uniformly, from the prior with the probability `share`. */
export function mixed(
  samples: TrainingSet,
  prior: AdapterTraining["prior"],
): (rng: Rng) => TrainingSample {
  const drawFrom = ({ latents, captions, weights }: TrainingSet, rng: Rng): TrainingSample => {
    const stride = sizeOf(latents.shape.slice(1));
    const row = rng.integer(captions.length);
    return {
      latents: latents.data.subarray(row * stride, (row + 1) * stride),
      caption: captions[row],
      weight: weights?.[row] ?? 1,
    };
  };
  return (rng) => {
    if (!prior || prior.captions.length === 0) return drawFrom(samples, rng);
    const preserve = samples.captions.length === 0 || rng.uniform() < prior.share;
    return drawFrom(preserve ? prior : samples, rng);
  };
}

/** Trained arrays as an adapter with the α that they were trained with. */
export const adapterOf = (arrays: Arrays, { rank, alpha = rank }: LoraTargets): LoraAdapter =>
  new Map(Array.from(readPeft(arrays), ([name, module]) => [name, { ...module, alpha }]));
