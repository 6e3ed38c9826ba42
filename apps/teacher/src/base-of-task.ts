import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PublicSet } from "@tandem/core/teacher";
import { wordsOf } from "@tandem/core/tokenizer";
import type { DiffusionModel } from "@tandem/diffusion/diffusion-model";
import { createPipeline } from "@tandem/diffusion/pipeline";
import {
  type BaseReport,
  hasState,
  type TrainingLimit,
  type trainBase,
} from "@tandem/diffusion/training/base-training";
import { pretrainBase } from "@tandem/diffusion/training/pretraining";
import { type BaseShape, baseShapes, evenly, type Recipe } from "@tandem/diffusion/training/recipe";
import { encodeSheet } from "@tandem/protocol/sheet";
import { type TaskSource, worldOfTask } from "./world";

export type BaseOfTask = {
  readonly source: TaskSource;
  /** Goes on from what is there. */
  readonly directory: string;
  readonly limit: TrainingLimit;
  /** Folder of a model whose weights it begins with where they fit. */
  readonly init?: string | undefined;
  readonly saveSeconds: number;
  readonly threads: number;
};

export const sheetFile = "sheet.png";
/** As rounds paint unless an experiment says otherwise. */
export const asShown = { seed: 1, steps: 8, guidance: 2 } as const;
/** A full sheet of four by four. */
const shown = 16;
/** Samples of an even draw over the classes whose text is but the class's word, so that it steers alone too. */
const wordShare = 0.3;
/** Larger public sets are not moved about: nine copies as latents would fill the memory. */
const mostMovedPixels = 2 ** 21;

/** Of bases for pictures of this size: two bases of one shape can begin with each other's weights. */
export const shapeOfSize = (size: number): keyof typeof baseShapes =>
  size <= 16 ? "small" : "large";

/** Trains a base from a task's public pictures, with a sheet of samples at each checkpoint. */
export async function trainBaseOfTask(
  { source, directory, limit, init, saveSeconds, threads }: BaseOfTask,
  options: {
    readonly signal: AbortSignal;
    readonly onStep: (report: BaseReport) => void;
    readonly onSave: (step: number) => void;
  },
): ReturnType<typeof trainBase> {
  const { signal, onStep, onSave } = options;
  const { recipe, prompts } = recipeOfTask(source);
  return pretrainBase(recipe, {
    directory,
    resume: await hasState(directory),
    limit,
    batchSize: 32,
    learningRate: 1e-3,
    saveSeconds,
    init,
    seed: 1,
    threads,
    signal,
    onStep,
    async onSave(model, step) {
      if (!signal.aborted) await paintSheet(model, { prompts, directory, threads });
      onSave(step);
    },
  });
}

/** Throws `bad-config` for a public set without pictures. */
export function recipeOfTask(source: TaskSource): {
  readonly recipe: Recipe;
  /** To show what it has learned: some of each class. */
  readonly prompts: readonly string[];
} {
  const { classes, pictures } = source.task;
  const { pairs, publicSet, vocabulary } = worldOfTask(source, {});
  const { images, captions, labels } = pairs;
  if (!images || !captions) throw new Error("a task's pairs have pictures and captions");
  const isMoved = pictures.size > 16 && images.data.length / 3 <= mostMovedPixels;
  return {
    recipe: {
      images,
      captions,
      shift: { pixels: isMoved ? 1 : 0, background: pictures.background },
      draw: evenly(labels),
      caption(text, rng, row) {
        const { words } = classes[labels[row]];
        return rng.uniform() < wordShare ? words[rng.integer(words.length)] : text;
      },
      vocabulary,
      model: shapeFor(pictures.size, [...captions, ...publicSet.prompts]),
    },
    prompts: promptsToShow(publicSet),
  };
}

/** Long texts need longer contexts than small bases have. */
function shapeFor(size: number, texts: readonly string[]): BaseShape {
  const shape = baseShapes[shapeOfSize(size)];
  const fits = texts.every((text) => wordsOf(text).length <= shape.textLength - 2);
  return fits ? shape : { ...shape, textLength: baseShapes.large.textLength };
}

/** Different prompts of the classes in turn, from the first again where they are few. */
function promptsToShow({ prompts, labels }: PublicSet): readonly string[] {
  const ofClass = new Map<number, Set<string>>();
  for (const [row, label] of labels.entries())
    ofClass.set(label, (ofClass.get(label) ?? new Set()).add(prompts[row]));
  const lists = [...ofClass].sort(([a], [b]) => a - b).map(([, own]) => [...own]);
  const all = Array.from({ length: shown }, (_, turn) => lists.flatMap((list) => list[turn] ?? []));
  const different = all.flat();
  return Array.from({ length: shown }, (_, i) => different[i % different.length]);
}

async function paintSheet(
  model: DiffusionModel,
  options: {
    readonly prompts: readonly string[];
    readonly directory: string;
    readonly threads: number;
  },
): Promise<void> {
  const { prompts, directory, threads } = options;
  const pipeline = createPipeline(model, { threads });
  const images = await pipeline.paint({ prompts, ...asShown });
  await pipeline.close();
  const path = join(directory, sheetFile);
  await writeFile(`${path}.partial`, encodeSheet(images));
  await rename(`${path}.partial`, path);
}
