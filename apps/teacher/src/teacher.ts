import { readFile } from "node:fs/promises";
import type { EvaluateRequest, TaskOptions, Teacher, TeacherScores } from "@tandem/core/teacher";
import { loadEmojiStyle } from "@tandem/datasets/emoji-style";
import { loadPainter } from "@tandem/diffusion/painter";
import { startNodeEngine } from "@tandem/engine/node";
import { accuracy, judge } from "@tandem/evaluation/evaluator";
import { frechetDistance, withinClassDiversity } from "@tandem/evaluation/image-quality";
import { decodeSafetensors } from "@tandem/protocol/safetensors";
import { createStudent } from "./student";

export type TeacherOptions = {
  /** Checkpoint folder of the text-to-image model. */
  readonly checkpoint: string;
  /** Weights of the judge. */
  readonly evaluator: string;
  /** Folder of the built data set. */
  readonly data: string;
  readonly threads: number;
};

export const defaultTeacher: TeacherOptions = {
  checkpoint: "public/teacher/emoji-style",
  evaluator: "public/evaluators/emoji-style.safetensors",
  data: ".cache/emoji-style",
  threads: 2,
};

/** The text-to-image model, the student and the judge, in this process. */
export async function createTeacher(options: Partial<TeacherOptions> = {}): Promise<Teacher> {
  const { checkpoint, evaluator, data, threads } = { ...defaultTeacher, ...options };
  const source = await loadEmojiStyle(data);
  await startNodeEngine();
  const judgeWeights = decodeSafetensors(new Uint8Array(await readFile(evaluator))).arrays;
  const painter = await loadPainter({ directory: checkpoint, replay: source.public, threads });
  const prompts = source.public.captions ?? [];
  const captions = prompts.map((prompt) => prompt.slice(prompt.indexOf(": ") + 2));
  const { images } = source.public;
  if (!images) throw new Error("the public set holds images");
  const student = createStudent({
    classes: source.classes.length,
    vocabulary: source.vocabulary,
    publicSet: { ...source.public, captions },
    imageSize: painter.imageSize,
  });
  const real = judge(judgeWeights, images);

  async function evaluate(request: EvaluateRequest, task?: TaskOptions): Promise<TeacherScores> {
    const { labels, ...paint } = request;
    const painted = judge(judgeWeights, await painter.generate(paint, task));
    return {
      promptAccuracy: accuracy(painted.logits, labels),
      realAccuracy: accuracy(real.logits, source.public.labels),
      frechet: frechetDistance(painted.features, real.features),
      diversity: withinClassDiversity(painted.features, labels),
    };
  }

  return {
    publicSet: { prompts, captions, labels: [...source.public.labels] },
    imageSize: painter.imageSize,
    dimension: 64,
    abilities: painter.abilities,
    generate: painter.generate,
    finetune: painter.finetune,
    encode: student.encode,
    distil: student.distil,
    evaluate,
    close: painter.close,
  };
}
