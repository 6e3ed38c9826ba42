import { type LabelledSet, subset } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { createRng } from "@tandem/core/rng";
import { variedArchitectures } from "../architectures";
import { balanced } from "../balanced";
import type { Dataset } from "../dataset";
import { type FmCap, loadFmCap } from "./fm-cap";

/** Private samples a place, until the pool of 12,000 is used up. */
const share = 400;
/** One in so many of the private pool, at its end, validates. */
const validationPart = 6;

/** FM-Cap at 16 x 16 pixels: one in four of the teacher's captions names the wrong class. */
export const fmCap = async (): Promise<Dataset> => fmCapDataset(await loadFmCap({ size: 16 }));

/**
 * The same, but the server has kept 300 of the 3,000 samples that its base was trained on, as one whose
 * base came from elsewhere would have few of its own.
 */
export const fmCapFew = async (): Promise<Dataset> =>
  fmCapDataset(await loadFmCap({ size: 16 }), 30);

/** As fmCapFew, where 40 % of the captions are wrong: the base obeys fewer of its prompts. */
export const fmCapFewNoisy = async (): Promise<Dataset> =>
  fmCapDataset(
    await loadFmCap({ size: 16, noise: { kind: "ring", share: 0.4 } }),
    30,
    "public/teacher/fmnist-noise-40",
  );

/** The server's part holds so many pictures of each class, whatever their captions say. */
export function fmCapDataset(
  data: FmCap,
  publicPerClass = Number.POSITIVE_INFINITY,
  checkpoint = "public/teacher/fmnist",
): Dataset {
  const seen = new Int32Array(data.classes.length);
  const kept = Int32Array.from(data.public.labels.keys()).filter(
    (row) => seen[data.publicTruth[row]]++ < publicPerClass,
  );
  return {
    classes: data.classes,
    vocabulary: data.vocabulary,
    architectures: variedArchitectures,
    background: 0,
    teacher: {
      checkpoint,
      public: subset(data.public, kept),
      publicTexts: Array.from(kept, (row) => data.publicTexts[row]),
    },
    judge: {
      weights: "public/evaluators/fm-cap.safetensors",
      trainedOn: data.evaluation,
      reference: data.reference,
    },
    deal({ seed, slots, benchmark }) {
      const size = Math.min(data.private.size, share * slots);
      const first = Int32Array.from({ length: size }, (_, i) => i);
      return {
        pools: [{ source: "fashion", set: subset(data.private, first) }],
        test: balanced(benchmark === "test" ? data.test : validation(data.private, slots), {
          classes: data.classes.length,
          perClass: 100,
          rng: createRng(`federate/${seed}`).fork("test"),
        }),
      };
    },
  };
}

/** What none of so many places holds. */
function validation(pool: LabelledSet, slots: number): LabelledSet {
  const size = Math.floor(pool.size / validationPart);
  const most = Math.floor((pool.size - size) / share);
  if (slots > most)
    throw new TandemError(
      "bad-config",
      `${slots} places leave no samples to validate with: use ${most} at most, or the test samples.`,
    );
  return subset(
    pool,
    Int32Array.from({ length: size }, (_, i) => pool.size - size + i),
  );
}
