import type { Rng } from "@tandem/core/rng";
import { type TensorOf, takeRows } from "@tandem/core/tensor";
import { memorisation } from "./distances";
import type { Judgement } from "./evaluator";
import { realFloor } from "./floor";
import { frechetDistance, withinClassDiversity } from "./image-quality";
import { kernelDistance } from "./kernel-distance";
import { densityCoverage, precisionRecall } from "./manifold";
import { accuracy, agreedRows } from "./predictions";

type Judged = Judgement & { readonly labels: ArrayLike<number> };

/** What one evaluator has made of each set of pictures. */
export type Evidence = {
  readonly generated: Judged;
  /** Real pictures that nobody was trained on. */
  readonly real: Judged;
  /** Features of the pictures that the teacher was trained on. */
  readonly seen: TensorOf<"f32">;
};

export type PictureScores = {
  readonly promptAccuracy: number;
  /** The evaluator's own score on real pictures: the ceiling of `promptAccuracy`. */
  readonly realAccuracy: number;
  readonly frechet: number;
  readonly frechetFloor: number;
  readonly kernel: number;
  readonly kernelFloor: number;
  readonly precision: number;
  readonly recall: number;
  readonly density: number;
  readonly coverage: number;
  /** Share of the pictures whose prompt's class all evaluators see, and the diversity among them. */
  readonly agreed: number;
  readonly diversity: number;
  readonly nearestMedian: number;
  readonly nearestMedianUnseen: number;
  readonly copied: number;
};

/**
 * All that evaluators say of one set of generated pictures, by evaluator; each of `evidence` judges
 * the same pictures in the same order. Diversity is that of the pictures that all find right, since
 * wrong ones would raise it.
 */
export function scorePictures<Name extends string>(
  evidence: Readonly<Record<Name, Evidence>>,
  { rng }: { readonly rng: Rng },
): Readonly<Record<Name, PictureScores>> {
  const judges = Object.entries<Evidence>(evidence);
  const [[, { generated: first }]] = judges;
  const logits = judges.map(([, { generated }]) => generated.logits);
  const rows = agreedRows(logits, first.labels);
  const labels = rows.map((row) => first.labels[row]);
  const scores = judges.map(([name, { generated, real, seen }]) => {
    const own = rng.fork(name);
    const kernel = (left: TensorOf<"f32">, right: TensorOf<"f32">) =>
      kernelDistance(left, right, { rng: own.fork("kernel") }).mean;
    const near = memorisation(generated.features, { seen, unseen: real.features });
    return [
      name,
      {
        promptAccuracy: accuracy(generated.logits, generated.labels),
        realAccuracy: accuracy(real.logits, real.labels),
        frechet: frechetDistance(generated.features, real.features),
        frechetFloor: realFloor(real.features, frechetDistance, { rng: own.fork("floor") }).mean,
        kernel: kernel(generated.features, real.features),
        // Its subsets are repetitions enough.
        kernelFloor: realFloor(real.features, kernel, { rng: own.fork("floor"), repeats: 1 }).mean,
        ...precisionRecall(real.features, generated.features),
        ...densityCoverage(real.features, generated.features),
        agreed: rows.length / first.labels.length,
        diversity: withinClassDiversity(takeRows(generated.features, rows), labels),
        nearestMedian: near.median,
        nearestMedianUnseen: near.medianUnseen,
        copied: near.copied,
      },
    ] as const;
  });
  return Object.fromEntries(scores) as Record<Name, PictureScores>; // one entry of each name
}
