import { type DiffusionModel, loadModel } from "@tandem/diffusion/diffusion-model";
import { smallBase } from "@tandem/diffusion/training/small-base";
import { createTrainer } from "@tandem/diffusion/training/trainer";
import { Command } from "commander";
import { share } from "../options";
import { type RunOptions, samplesOf, trainBase, withRunOptions } from "./base-training";
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
  const { seed, threads } = options;

  const recipe = await recipes[options.dataset]({ captionNoise: options.captionNoise });
  const { vocabulary, images } = recipe;
  const fresh = smallBase({ ...recipe.model, vocabulary, side: images.shape[1], seed });
  const model = options.init
    ? startingFrom(await loadModel(options.init), fresh, vocabulary.words)
    : fresh;
  const { latents, sample } = await samplesOf(recipe, model, { threads });
  await trainBase(model, {
    ...options,
    defaultSteps,
    start: (learningRate, resumed) =>
      createTrainer(
        model,
        {
          batchSize: options.batch,
          latents,
          learningRate,
          averageDecay: 0.998,
          seed: `pretrain/${seed}`,
          threads,
          sample,
        },
        resumed,
      ),
  });
}

/** Weights of the same name and shape, and of words that both know their embedding. */
function startingFrom(
  known: DiffusionModel,
  wanted: DiffusionModel,
  words: readonly string[],
): DiffusionModel {
  const weights = Object.fromEntries(
    Object.entries(wanted.weights).map(([name, own]) => {
      const other = known.weights[name];
      return [name, other && String(other.shape) === String(own.shape) ? other : own];
    }),
  );
  const table = "text_encoder.text_model.embeddings.token_embedding.weight";
  const [from, to] = [known.weights[table], wanted.weights[table]];
  const width = to.shape[1];
  if (from.shape[1] === width) {
    const data = Float32Array.from(to.data);
    const idOf = (model: DiffusionModel, word: string) => model.tokenizer.encode([word])[1];
    for (const word of words) {
      const row = idOf(known, word) * width;
      data.set(from.data.subarray(row, row + width), idOf(wanted, word) * width);
    }
    weights[table] = { ...to, data };
  }
  return { ...wanted, weights };
}
