import { readFile } from "node:fs/promises";
import { closable } from "@tandem/core/closable-teacher";
import { TandemError } from "@tandem/core/errors";
import { checkAllFinite } from "@tandem/core/finite";
import type {
  EvaluateRequest,
  Evaluation,
  TaskOptions,
  Teacher,
  TeacherScores,
} from "@tandem/core/teacher";
import { type Arrays, type TensorOf, takeRows } from "@tandem/core/tensor";
import { loadDataset } from "@tandem/datasets/registry";
import { loadPainter } from "@tandem/diffusion/painters/painter";
import { startNodeEngine } from "@tandem/engine/node";
import { accuracy, judge } from "@tandem/evaluation/evaluator";
import { weightsOf } from "@tandem/evaluation/evaluator-networks";
import { frechetDistance, withinClassDiversity } from "@tandem/evaluation/image-quality";
import { precisionRecall } from "@tandem/evaluation/manifold";
import { accuracyByPart, predictedShares } from "@tandem/evaluation/predictions";
import { decodeSafetensors } from "@tandem/protocol/safetensors";
import { type Environment, remotePainter } from "./remote";
import { createStudent } from "./student";

export type TeacherOptions = {
  /** Name of the data set whose public part it owns. */
  readonly dataset: string;
  /** Checkpoint folder of the text-to-image model; the data set's own by default. */
  readonly checkpoint?: string;
  readonly threads: number;
  /** Leaves aside what the base was distilled into. */
  readonly isPlain?: boolean;
};

export const defaultTeacher: TeacherOptions = { dataset: "emoji-style", threads: 2 };

/**
 * The text-to-image model, the student and the judge, in this process. The environment may name a
 * model behind an images API instead of the checkpoint.
 */
export async function createTeacher(
  options: Partial<TeacherOptions> = {},
  environment: Environment = {},
  notice: (text: string) => void = () => {},
): Promise<Teacher> {
  const { dataset, checkpoint, threads, isPlain = false } = { ...defaultTeacher, ...options };
  const source = await loadDataset(dataset);
  const { public: publicSet, publicTexts: captions, styles } = source.teacher;
  const { reference, weights, parts } = source.judge;
  if (!publicSet.images || !publicSet.captions || !reference.images)
    throw new Error(`${dataset}: the public set holds pairs, the reference pictures`);
  await startNodeEngine();
  const [first, second] = await Promise.all(
    (["a", "b"] as const).map((architecture) => readWeights(weightsOf(weights, architecture))),
  );
  // Of the two architectures the one that tells more of unseen pictures' styles.
  const partJudge = parts && {
    names: parts.names,
    weights: await readWeights(weightsOf(parts.weights, "b")),
  };
  const remote = checkpoint ? undefined : remotePainter(environment, publicSet.images.shape[1]);
  const directory = checkpoint ?? source.teacher.checkpoint;
  const painter =
    remote ?? (await loadPainter({ directory, replay: publicSet, threads, isPlain, notice }));
  const student = createStudent({
    classes: source.classes.length,
    vocabulary: source.vocabulary,
    publicSet: { ...publicSet, captions },
    imageSize: painter.imageSize,
  });
  const real = { first: judge(first, reference.images), second: judge(second, reference.images) };

  const realParts =
    partJudge &&
    predictedShares(judge(partJudge.weights, reference.images).logits, partJudge.names);
  function partScores(
    images: TensorOf<"u8">,
    classes: TensorOf<"f32">,
    labels: readonly number[],
  ): Pick<TeacherScores, "parts" | "realParts" | "partAccuracies"> {
    if (!partJudge || !realParts) return {};
    const { names } = partJudge;
    const { logits } = judge(partJudge.weights, images);
    return {
      parts: predictedShares(logits, names),
      realParts,
      partAccuracies: accuracyByPart(logits, classes, labels, names),
    };
  }

  async function evaluate(request: EvaluateRequest, task?: TaskOptions): Promise<Evaluation> {
    const { labels, show = 0, ...paint } = request;
    const images = await painter.generate(paint, task);
    const painted = { first: judge(first, images), second: judge(second, images) };
    const { features } = painted.first;
    // Both manifolds are of as many points: the size of the balls depends on it.
    const size = Math.min(features.shape[0], reference.size);
    const [generated, shown] = [features, real.first.features].map((rows) => spread(rows, size));
    const scores: TeacherScores = {
      promptAccuracy: accuracy(painted.first.logits, labels),
      realAccuracy: accuracy(real.first.logits, reference.labels),
      secondPromptAccuracy: accuracy(painted.second.logits, labels),
      secondRealAccuracy: accuracy(real.second.logits, reference.labels),
      frechet: frechetDistance(features, real.first.features),
      ...precisionRecall(shown, generated),
      diversity: withinClassDiversity(features, labels),
      ...partScores(images, painted.first.logits, labels),
    };
    checkScores({ ...scores, ...scores.parts, ...scores.partAccuracies });
    const rows = [...labels.slice(0, show).keys()];
    return { ...scores, ...(show > 0 && { shown: takeRows(images, rows) }) };
  }

  return closable({
    publicSet: {
      images: publicSet.images,
      prompts: publicSet.captions,
      captions,
      labels: [...publicSet.labels],
      ...(styles && { styles }),
    },
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

async function readWeights(file: string): Promise<Arrays> {
  const { arrays } = decodeSafetensors(new Uint8Array(await readFile(file)));
  checkAllFinite(`${file}:`, arrays, "the judge's file is broken");
  return arrays;
}

/** A score that is no number would be recorded and plotted as one. */
function checkScores(scores: Readonly<Record<string, unknown>>): void {
  for (const [name, score] of Object.entries(scores))
    if (typeof score === "number" && !Number.isFinite(score))
      throw new TandemError(
        "bad-data",
        `the teacher's score ${name} is ${score}: its pictures cannot be judged`,
      );
}

/** `size` rows at equal distances. */
const spread = (rows: TensorOf<"f32">, size: number): TensorOf<"f32"> =>
  takeRows(
    rows,
    Int32Array.from({ length: size }, (_, i) => Math.floor((i * rows.shape[0]) / size)),
  );
