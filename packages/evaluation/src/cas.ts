import type { LabelledSet } from "@tandem/core/data";
import { accuracy, judge, trainEvaluator } from "./evaluator";

export type ClassificationScores = {
  /** Trained on painted pictures and their prompts' labels, tested on real ones. */
  readonly paintedToReal: number;
  /** Trained on real pictures, tested on painted ones. */
  readonly realToPainted: number;
  /** Trained and tested on real pictures: what both are read against. */
  readonly realToReal: number;
};

/**
 * Classification accuracy score (Ravuri & Vinyals 2019, arXiv 1905.10887) and its reverse, GAN-test
 * (Shmelkov et al. 2018, arXiv 1807.09499), each with a fresh network. `train` should be as large as
 * `painted`; it and `test` share no picture.
 */
export async function classificationScores(
  painted: LabelledSet,
  real: { readonly train: LabelledSet; readonly test: LabelledSet },
  options: Parameters<typeof trainEvaluator>[1],
): Promise<ClassificationScores> {
  const onPainted = await trainEvaluator(painted, options);
  const onReal = await trainEvaluator(real.train, options);
  const score = (weights: typeof onReal, { images, labels }: LabelledSet) => {
    if (!images) throw new Error("the set holds no images");
    return accuracy(judge(weights, images).logits, labels);
  };
  return {
    paintedToReal: score(onPainted, real.test),
    realToPainted: score(onReal, painted),
    realToReal: score(onReal, real.test),
  };
}
