import { readFile } from "node:fs/promises";
import { TandemError } from "@tandem/core/errors";
import { checkAllFinite } from "@tandem/core/finite";
import type { TeacherScores } from "@tandem/core/teacher";
import { type Arrays, type TensorOf, takeRows } from "@tandem/core/tensor";
import type { Dataset } from "@tandem/datasets/dataset";
import { accuracy, judge } from "@tandem/evaluation/evaluator";
import { weightsOf } from "@tandem/evaluation/evaluator-networks";
import { frechetDistance, withinClassDiversity } from "@tandem/evaluation/image-quality";
import { precisionRecall } from "@tandem/evaluation/manifold";
import { accuracyByPart, predictedShares } from "@tandem/evaluation/predictions";
import { decodeSafetensors } from "@tandem/protocol/safetensors";

export type Judges = {
  score(images: TensorOf<"u8">, labels: readonly number[]): TeacherScores;
};

/** A data set's judges of what is painted, measured against its real pictures. */
export async function openJudges({ reference, weights, parts }: Dataset["judge"]): Promise<Judges> {
  const { images: realImages } = reference;
  if (!realImages) throw new Error("the reference holds pictures");
  const [first, second] = await Promise.all(
    (["a", "b"] as const).map((architecture) => readWeights(weightsOf(weights, architecture))),
  );
  // Of the two architectures the one that tells more of unseen pictures' styles.
  const partJudge = parts && {
    names: parts.names,
    weights: await readWeights(weightsOf(parts.weights, "b")),
  };
  const real = { first: judge(first, realImages), second: judge(second, realImages) };
  const realParts =
    partJudge && predictedShares(judge(partJudge.weights, realImages).logits, partJudge.names);
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
  return {
    score(images, labels) {
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
      return scores;
    },
  };
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
