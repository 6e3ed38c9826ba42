import { pretrainBase } from "@tandem/diffusion/training/pretraining";
import { Command } from "commander";
import { share } from "../options";
import { type RunOptions, runTraining, withRunOptions } from "./base-training";
import { recipes } from "./recipes";

const defaultSteps = 3000;
export const pretrainCommand = (): Command =>
  withRunOptions(
    new Command("pretrain")
      .description(
        "Train the base text-to-image model on the public split of a data set. Ctrl-C saves; --resume goes on.",
      )
      .option(
        "--out <dir>",
        "folder of model, state and log; .cache/pretrain/<data set> by default",
      )
      .option(
        "--init <dir>",
        "begin with the weights of this model that have the same name and shape",
      ),
    { steps: defaultSteps, lr: 1e-3 },
  )
    .option("--caption-noise <share>", "of fmnist: wrong captions, 0.25 by default", share)
    .action(pretrain);

type PretrainOptions = Omit<RunOptions, "out"> & {
  readonly out?: string;
  readonly init?: string;
  readonly captionNoise?: number;
};

async function pretrain(given: PretrainOptions): Promise<void> {
  const options = { ...given, out: given.out ?? `.cache/pretrain/${given.dataset}` };
  const { dataset, captionNoise, init, seed, threads } = options;
  const recipe = await recipes[dataset]({ captionNoise });
  await runTraining({ ...options, defaultSteps }, (training) =>
    pretrainBase(recipe, { ...training, init, seed, threads }),
  );
}
