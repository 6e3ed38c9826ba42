import { type LabelledSet, subset } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { rowsWith } from "@tandem/core/presence";
import type { Task } from "@tandem/core/task";
import type { PublicSet } from "@tandem/core/teacher";
import type { Vocabulary } from "@tandem/core/tokenizer";
import type { Dataset } from "@tandem/datasets/dataset";
import { loadDataset } from "@tandem/datasets/registry";
import { publicTextsOf, vocabularyOfTask } from "@tandem/datasets/task/texts";
import { loadPainter, type Painter } from "@tandem/diffusion/painters/painter";
import type { PipelineOptions } from "@tandem/diffusion/pipeline";
import { decodeLabelledSet } from "@tandem/protocol/labelled-set";
import { type Environment, remotePainter } from "./remote";
import { folderOfTeacher, noTeacher, type Painted, wrongSize } from "./task-teacher";

/** What a teacher paints for: all that data sets and tasks differ in. */
export type World = {
  readonly classes: number;
  readonly vocabulary: Vocabulary;
  readonly publicSet: PublicSet;
  /** Public pictures with what is true of them, for the base to replay. */
  readonly replay: LabelledSet;
  /** The same with what models read, for the student. */
  readonly pairs: LabelledSet;
  readonly judge?: Dataset["judge"];
  open(options: PainterOptions): Promise<Painter>;
};
export type PainterOptions = PipelineOptions & { readonly isPlain: boolean };

/** `publicSet`: bytes of `@tandem/protocol/labelled-set`; `trained`: folder of the base made from it. */
export type TaskSource = {
  readonly task: Task;
  readonly publicSet: Uint8Array;
  readonly trained?: string;
};

/** Of a shipped data set. The environment may name a model behind an images API instead of the checkpoint. */
export async function worldOfDataset(
  { dataset, checkpoint }: { readonly dataset: string; readonly checkpoint?: string },
  environment: Environment,
): Promise<World> {
  const { classes, vocabulary, teacher, judge } = await loadDataset(dataset);
  const { public: replay, publicTexts: captions, styles } = teacher;
  const { images, captions: prompts, labels } = replay;
  if (!images || !prompts) throw new Error(`${dataset}: the public set holds pairs`);
  return {
    classes: classes.length,
    vocabulary,
    publicSet: { images, prompts, captions, labels: [...labels], ...(styles && { styles }) },
    replay,
    pairs: { ...replay, captions },
    judge,
    async open(options) {
      const remote = checkpoint ? undefined : remotePainter(environment, images.shape[1]);
      const directory = checkpoint ?? teacher.checkpoint;
      return remote ?? loadPainter({ ...options, directory, replay });
    },
  };
}

/**
 * Of a task, with the teacher that it names and without a judge. Throws `bad-config` for one that is not
 * there or paints in another size, and for a public set without pictures.
 */
export function worldOfTask(
  { task, publicSet, trained }: TaskSource,
  environment: Environment,
): World {
  const all = decodeLabelledSet(publicSet);
  const set = subset(all, rowsWith(all, "image"));
  const { images, labels } = set;
  if (!images || set.size === 0)
    throw new TandemError(
      "bad-config",
      `the public set of “${task.name}” has no picture: a teacher needs some, add them`,
    );
  const { prompts, captions, own } = publicTextsOf(task, set);
  const pairs: LabelledSet = { size: set.size, labels, images, captions: own };
  return {
    classes: task.classes.length,
    vocabulary: vocabularyOfTask(task, all),
    publicSet: { images, prompts, captions, labels: [...labels] },
    replay: pairs,
    pairs,
    open: (options) => openTeacherOf({ task, trained }, { ...options, replay: pairs }, environment),
  };
}

/** The teacher that the task names. Throws `bad-config` for one that is not there or paints in another size. */
export async function openTeacherOf(
  { task, trained }: { readonly task: Painted; readonly trained?: string | undefined },
  options: PainterOptions & { readonly replay?: LabelledSet },
  environment: Environment,
): Promise<Painter> {
  const { teacher, pictures } = task;
  const directory = folderOfTeacher(teacher, trained);
  const painter =
    directory === undefined
      ? teacher.kind === "remote" && remotePainter(environment, pictures.size)
      : await loadPainter({ ...options, directory });
  if (!painter) throw noTeacher(task);
  if (painter.imageSize === pictures.size) return painter;
  await painter.close();
  throw wrongSize(task, [painter.imageSize, painter.imageSize]);
}
