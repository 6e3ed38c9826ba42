import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { createRng } from "@tandem/core/rng";
import { type DiffusionModel, loadModel } from "@tandem/diffusion/diffusion-model";
import { readTextFile } from "@tandem/diffusion/files/text-file";
import { latentShape } from "@tandem/diffusion/models/codec";
import { adaptedLayers, createPainter } from "@tandem/diffusion/painters/painter";
import { createTrainer, type Trainer } from "@tandem/diffusion/training/trainer";
import { compile, floats } from "@tandem/graph/onnx-session";
import { type OperatorShares, type ProfiledGraph, profile } from "./profile";
import type { Timed } from "./take-turns";
import { denoiserGraph, trainingGraphs } from "./teacher-graphs";
import type { TeacherJob } from "./teacher-report";

export const steps = 8;
export const guidance = 2;

export type Measure = "sampling" | "training" | "lora";

/** A text-to-image model that can be timed, whatever it is built of. */
export type Subject = {
  readonly model: DiffusionModel;
  readonly prompts: readonly string[];
  readonly latents: readonly [channels: number, height: number, width: number];
  readonly timed: Readonly<Record<Measure, Timed>>;
  shares(measure: Measure): Promise<OperatorShares>;
  /** One call of the U-Net with its inputs. */
  denoise(): Promise<{ readonly inputs: ProfiledGraph["inputs"]; readonly output: Float32Array }>;
  close(): Promise<void>;
};

const words = ["red fox", "ripe apple", "sailing boat", "snowman", "violin", "cactus", "blue fish"];

export async function openSubject(job: TeacherJob): Promise<Subject> {
  const { threads, rank } = job;
  const model = await loadBase(job.model);
  const { length } = model.tokenizer;
  const latents = latentShape(model.codec, model.size);
  const prompts = Array.from({ length: job.images }, (_, i) => words[i % words.length]);
  const painter = createPainter({ model, threads });
  const lora = { rank, targets: (module: string) => adaptedLayers.test(module) };
  const noise = createRng("latents");
  const pictures = words.map((caption) => ({
    latents: Float32Array.from({ length: latents.reduce((a, b) => a * b) }, () => noise.normal()),
    caption,
    weight: 1,
  }));
  const common = {
    threads,
    latents,
    seed: "bench",
    learningRate: () => 1e-5,
    sample: (rng: ReturnType<typeof createRng>) => pictures[rng.integer(pictures.length)],
  };
  const trainers: Readonly<Record<"training" | "lora", Trainer>> = {
    training: await createTrainer(model, {
      ...common,
      batchSize: job.batch,
      averageDecay: 0.998,
    }),
    lora: await createTrainer(model, { ...common, batchSize: job.loraBatch, lora }),
  };
  let seed = 0;
  const stopwatch =
    (work: () => Promise<unknown>): Timed =>
    async () => {
      const started = performance.now();
      await work();
      return performance.now() - started;
    };
  const graphs: Readonly<Record<Measure, () => readonly ProfiledGraph[]>> = {
    sampling: () => [denoiserGraph(model, { batch: 2 * job.images, length, latents })],
    training: () => trainingGraphs(model, { batch: job.batch, length, latents }, { average: true }),
    lora: () =>
      trainingGraphs(model, { batch: job.loraBatch, length, latents }, { lora, average: false }),
  };
  return {
    model,
    prompts,
    latents,
    timed: {
      sampling: stopwatch(() => painter.generate({ prompts, seed: seed++, steps, guidance })),
      training: stopwatch(() => trainers.training.step()),
      lora: stopwatch(() => trainers.lora.step()),
    },
    shares: (measure) => profile(graphs[measure](), { threads }),
    async denoise() {
      const { outputs, inputs } = denoiserGraph(model, { batch: 2, length, latents });
      const compiled = await compile(outputs, { threads });
      const { output } = await compiled.run(inputs);
      await compiled.release();
      return { inputs, output: floats(output) };
    },
    async close() {
      await painter.close();
      for (const trainer of Object.values(trainers)) await trainer.close();
    },
  };
}

async function loadBase(directory: string): Promise<DiffusionModel> {
  const index = await readTextFile(join(directory, "model_index.json")).catch(() => "");
  if (!index.includes('"_class_name"'))
    throw new TandemError(
      "not-supported",
      `${directory} is no pipeline folder in diffusers' layout: give one with --model, for example what "npm run pretrain" wrote to .cache/pretrain/emoji-style`,
    );
  return loadModel(directory);
}
