import { loadModel } from "../diffusion-model";
import { type BaseTraining, trainBase } from "./base-training";
import { type Recipe, samplesOf } from "./recipe";
import { smallBase, startingFrom } from "./small-base";
import { createTrainer } from "./trainer";

/** Trains all of a small base on a recipe; with `init` from the weights of that folder's model that fit. */
export async function pretrainBase(
  recipe: Recipe,
  options: Omit<BaseTraining, "start"> & {
    readonly init?: string | undefined;
    readonly seed: number;
    readonly threads: number;
  },
): ReturnType<typeof trainBase> {
  const { init, seed, threads, ...training } = options;
  const { vocabulary, images } = recipe;
  const fresh = smallBase({ ...recipe.model, vocabulary, side: images.shape[1], seed });
  const model = init ? startingFrom(await loadModel(init), fresh, vocabulary.words) : fresh;
  const { latents, sample } = await samplesOf(recipe, model, { threads });
  return trainBase(model, {
    ...training,
    start: (learningRate, resumed) =>
      createTrainer(
        model,
        {
          batchSize: training.batchSize,
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
