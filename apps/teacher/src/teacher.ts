import { closable } from "@tandem/core/closable-teacher";
import type { EvaluateRequest, Evaluation, TaskOptions, Teacher } from "@tandem/core/teacher";
import { takeRows } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import { openJudges } from "./judges";
import type { Environment } from "./remote";
import { createStudent } from "./student";
import { type TaskSource, worldOfDataset, worldOfTask } from "./world";

export type TeacherOptions = {
  /** Name of the data set whose public part it owns. */
  readonly dataset: string;
  /** A task and its public set, in place of a data set. */
  readonly task?: TaskSource;
  /** Checkpoint folder of the text-to-image model; the data set's own by default. */
  readonly checkpoint?: string;
  readonly threads: number;
  /** Leaves aside what the base was distilled into. */
  readonly isPlain?: boolean;
};

export const defaultTeacher: TeacherOptions = { dataset: "emoji-style", threads: 2 };

/** The text-to-image model, the student and, where there is one, the judge, in this process. */
export async function createTeacher(
  options: Partial<TeacherOptions> = {},
  environment: Environment = {},
  notice: (text: string) => void = () => {},
): Promise<Teacher> {
  const { task, threads, isPlain = false, ...named } = { ...defaultTeacher, ...options };
  const world = task ? worldOfTask(task, environment) : await worldOfDataset(named, environment);
  await startNodeEngine();
  const judges = world.judge && (await openJudges(world.judge));
  const painter = await world.open({ threads, isPlain, notice });
  const student = createStudent({
    classes: world.classes,
    vocabulary: world.vocabulary,
    publicSet: world.pairs,
    imageSize: painter.imageSize,
  });

  /** Without a judge only what is to be seen is painted. */
  async function evaluate(request: EvaluateRequest, about?: TaskOptions): Promise<Evaluation> {
    const { labels, show = 0, ...paint } = request;
    const prompts = judges ? paint.prompts : paint.prompts.slice(0, show);
    const images = await painter.generate({ ...paint, prompts }, about);
    const rows = [...labels.slice(0, show).keys()];
    return {
      ...(judges && { scores: judges.score(images, labels) }),
      ...(show > 0 && { shown: takeRows(images, rows) }),
    };
  }

  return closable({
    publicSet: world.publicSet,
    imageSize: painter.imageSize,
    dimension: 64,
    abilities: painter.abilities,
    generate: painter.generate,
    finetune: painter.finetune,
    encode: student.encode,
    distil: student.distil,
    evaluate,
    close: painter.close,
  });
}
