import type { LabelledSet } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { rowsWith } from "@tandem/core/presence";
import type { Rng } from "@tandem/core/rng";
import type { TensorOf } from "@tandem/core/tensor";
import { nextTask } from "@tandem/engine/next-task";
import { rowsByClass } from "../../synthetic-set/painted-set";
import { joined, scores, seenBy, viewOf } from "./critic";
import { type Rows, ridgeLogistic } from "./linear";

/** Answers are within ±limit. */
export const limit = 4;
export const bounded = (ratio: number) => Math.max(-limit, Math.min(limit, ratio));
/** A client speaks of classes of which it holds so many pictures. */
export const least = 5;
/** Of its own pictures a critic sees so many at most. */
const most = 512;
/** A smaller one tells more of which pictures a client holds (docs/algorithm.md A5). */
const usualPenalty = 0.4;

/** r (N,), log odds that a picture is one's own and not painted, within ±4; and of which classes (C,) one speaks. */
export type Ratios = { readonly ratios: Float32Array; readonly held: Uint8Array };

export type Painted = { readonly images: TensorOf<"u8">; readonly labels: ArrayLike<number> };

type Options = {
  readonly classes: number;
  readonly rng: Rng;
  readonly signal: AbortSignal;
  /** On the critic's weights; for audits, as no round has another. */
  readonly penalty?: number;
  readonly onStep?: (share: number) => void;
};

/**
 * Tells one's own pictures from painted ones, classes alike, and answers for each painted one with the log
 * density ratio (docs/algorithm.md A5): ridge logistic regression on features of small patches. Each half of
 * the set is answered for by the critic that has not seen it. Needs a tfjs backend; throws `cancelled`.
 */
export async function ratiosOf(
  own: LabelledSet,
  painted: Painted,
  options: Options,
): Promise<Ratios> {
  const { classes, rng, signal, penalty = usualPenalty, onStep } = options;
  const labels = Array.from(painted.labels);
  const ratios = new Float32Array(labels.length);
  const mine = rowsByClass(
    Array.from(own.labels),
    own.images ? [...rowsWith(own, "image")] : [],
    classes,
  );
  const held = Uint8Array.from(mine, ({ length }) => Number(length >= least));
  if (!own.images || !held.includes(1) || labels.length === 0) return { ratios, held };
  const step = async (share: number) => {
    onStep?.(share);
    await nextTask();
    if (signal.aborted) throw new TandemError("cancelled", "the critic was cancelled");
  };

  await step(0);
  const { view, features } = await viewOf(painted.images, rng.fork("view"));
  await step(0.4);
  const spoken = mine.flatMap((rows, c) => (held[c] === 1 ? rows : []));
  const order = rng.fork("own").permutation(spoken.length).subarray(0, most);
  const shown = Array.from(order, (at) => spoken[at]);
  const ownSide = {
    features: await seenBy(view, own.images, shown),
    byClass: rowsByClass(
      shown.map((row) => own.labels[row]),
      [...shown.keys()],
      classes,
    ),
  };
  const folds = foldsOf(labels, classes, rng.fork("folds"));
  for (const fold of [0, 1]) {
    await step(0.8 + 0.1 * fold);
    const known = [...labels.keys()].filter((row) => folds[row] === fold);
    const paintedSide = { features, byClass: rowsByClass(labels, known, classes) };
    const rows = balanced(ownSide, paintedSide, mine);
    if (rows.targets.length === 0) continue;
    const said = scores(ridgeLogistic(rows, penalty), features);
    folds.forEach((part, row) => {
      if (part !== fold) ratios[row] = bounded(said[row]);
    });
  }
  await step(1);
  return { ratios, held };
}

/** 0 or 1 for each picture: half of each class. */
function foldsOf(labels: readonly number[], classes: number, rng: Rng): readonly number[] {
  const folds = new Array<number>(labels.length);
  for (const members of rowsByClass(labels, [...labels.keys()], classes))
    rng.permutation(members.length).forEach((member, turn) => {
      folds[members[member]] = turn % 2;
    });
  return folds;
}

type Side = {
  readonly features: TensorOf<"f32">;
  readonly byClass: readonly (readonly number[])[];
};

/**
 * Own pictures as 1 and painted ones as 0, of the classes that both sides show. A class counts by the root of
 * how many pictures of it are held, and as much on either side, so that the client's skew cancels.
 */
function balanced(own: Side, painted: Side, held: readonly (readonly number[])[]): Rows {
  const told = [...held.keys()].filter(
    (c) => own.byClass[c].length > 0 && painted.byClass[c].length > 0,
  );
  const total = told.reduce((sum, c) => sum + Math.sqrt(held[c].length), 0);
  return joined(
    [own, painted].flatMap(({ features, byClass }, side) =>
      told.map((c) => ({
        features,
        rows: byClass[c],
        target: 1 - side,
        importance: Math.sqrt(held[c].length) / total / byClass[c].length,
      })),
    ),
  );
}
