import { loadModel } from "@tandem/diffusion/diffusion-model";
import { writeAnswers } from "@tandem/diffusion/painters/distilled";
import { trainingScheduler } from "@tandem/diffusion/schedulers/training";
import { trainBase } from "@tandem/diffusion/training/base-training";
import { createProgressive } from "@tandem/diffusion/training/progressive";
import { samplesOf } from "@tandem/diffusion/training/recipe";
import { createTrainer } from "@tandem/diffusion/training/trainer";
import { Command } from "commander";
import { natural, notice, positive } from "../options";
import { type RunOptions, runTraining, withRunOptions } from "./base-training";
import { recipes } from "./recipes";

const defaultSteps = 1500;
export const distilCommand = (): Command =>
  withRunOptions(
    new Command("distil")
      .description(
        'Distil a base into one that needs fewer passes: no second one for guidance, and with --substeps fewer steps. Laid in the folder "distilled" of its base it is used for such requests. Ctrl-C saves; --resume goes on.',
      )
      .option("--model <dir>", "the teacher; the data set's base by default")
      .option("--out <dir>", "folder of model, state and log; .cache/distil/<data set> by default")
      .option("--sampling-steps <n>", "steps that the student is made for", natural, 8)
      .option(
        "--substeps <n>",
        "steps of the teacher that one of the student's stands for",
        natural,
        1,
      )
      .option(
        "--guidance <scale>",
        "of the teacher; up to 1 where it is built in already",
        positive,
        2,
      ),
    { steps: defaultSteps, lr: 3e-4 },
  ).action(distil);

type DistilOptions = Omit<RunOptions, "out"> & {
  readonly out?: string;
  readonly model?: string;
  readonly samplingSteps: number;
  readonly substeps: number;
  readonly guidance: number;
};

async function distil(given: DistilOptions): Promise<void> {
  const { dataset, batch, seed, threads } = given;
  const directory = given.model ?? `public/teacher/${dataset}`;
  const options = { ...given, model: directory, out: given.out ?? `.cache/distil/${dataset}` };

  const teacher = await loadModel(directory);
  const { latents, sample } = await samplesOf(await recipes[dataset](), teacher, { threads });
  const progressive = await createProgressive(teacher, {
    batchSize: batch,
    latents,
    sample,
    steps: options.samplingSteps,
    substeps: options.substeps,
    guidance: options.guidance,
    threads,
  });
  trainingScheduler(teacher.configs.scheduler).notices.forEach(notice);
  await runTraining({ ...options, defaultSteps }, (training) =>
    trainBase(teacher, {
      ...training,
      start: (learningRate, resumed) =>
        createTrainer(
          teacher,
          {
            batchSize: batch,
            latents,
            learningRate,
            averageDecay: 0.995,
            seed: `distil/${seed}`,
            threads,
            sample,
            draw: progressive.draw,
          },
          resumed,
        ),
    }),
  );
  await progressive.close();
  await writeAnswers(options.out, { steps: options.samplingSteps, guidance: options.guidance });
}
