import type { BaseTraining, trainBase } from "@tandem/diffusion/training/base-training";
import { type Command, Option } from "commander";
import { natural, positive, whole } from "../options";
import { recipes } from "./recipes";

export type RunOptions = {
  readonly dataset: string;
  readonly out: string;
  readonly resume?: true;
  readonly steps?: number;
  readonly minutes?: number;
  readonly batch: number;
  readonly lr: number;
  readonly saveMinutes: number;
  readonly threads: number;
  readonly seed: number;
};

export const withRunOptions = (
  command: Command,
  { steps, lr }: { readonly steps: number; readonly lr: number },
): Command =>
  command
    .addOption(
      new Option("--dataset <name>", "data set")
        .choices(Object.keys(recipes))
        .default("emoji-style"),
    )
    .option("--resume", "resume from the state in the folder")
    .option(
      "--steps <n>",
      `training steps, ${steps} by default; the learning rate falls along them`,
      natural,
    )
    .addOption(
      new Option("--minutes <m>", "instead of --steps: the learning rate falls along the clock")
        .argParser(positive)
        .conflicts("steps"),
    )
    .option("--batch <n>", "batch size", natural, 32)
    .option("--lr <rate>", "peak learning rate of AdamW", positive, lr)
    .option("--save-minutes <m>", "minutes between checkpoints", positive, 4)
    .option("--threads <n>", "threads of ONNX Runtime", natural, 2)
    .option("--seed <n>", "seed of weights, batches and noise", whole, 1);

/** Until the steps or the minutes are over, or Ctrl-C, with a line on the console now and then. */
export async function runTraining(
  options: RunOptions & { readonly defaultSteps: number },
  train: (training: Omit<BaseTraining, "start">) => ReturnType<typeof trainBase>,
): Promise<void> {
  const { out, defaultSteps, ...told } = options;
  const { resume, steps, minutes, batch, lr, saveMinutes } = told;
  // The first Ctrl-C ends the training and saves; the second kills.
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => interrupt.abort());
  const { step, seconds } = await train({
    directory: out,
    resume: resume ?? false,
    limit: minutes ? { minutes } : { steps: steps ?? defaultSteps },
    batchSize: batch,
    learningRate: lr,
    saveSeconds: 60 * saveMinutes,
    told,
    signal: interrupt.signal,
    onStep({ step, meanLoss, norm, samplesPerSecond, secondsLeft }) {
      if (step % 50 !== 0) return;
      console.log(
        `step ${step}  loss ${meanLoss.toFixed(4)}  norm ${norm.toFixed(2)}  ${samplesPerSecond.toFixed(0)} samples/s  ${(secondsLeft / 60).toFixed(1)} min left`,
      );
    },
  });
  console.log(`${step} steps in ${(seconds / 60).toFixed(1)} minutes, model in ${out}`);
}
