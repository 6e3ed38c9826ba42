import type { ServerEnv } from "@tandem/core/strategy";
import type { FinetuneRequest } from "@tandem/core/teacher";
import { type Arrays, takeRows } from "@tandem/core/tensor";
import { argMax, mean, rowsOf } from "../aggregation/rows";
import type { FedmmktConfig } from "./config";
import { criticsLesson } from "./critics/lesson";
import { type FedmmktState, type Kept, roundOf } from "./state";

export type Lesson = {
  readonly request: Omit<FinetuneRequest, "adapter">;
  /** Kept for the next. */
  readonly kept: Partial<Pick<Kept, "critic" | "taught">>;
};

/** r. */
const loraRank = 4;

/**
 * What the teacher is fine-tuned on: accepted pictures by their rewards, and agreed public samples
 * (docs/algorithm.md A7).
 */
export async function lessonOf(
  config: FedmmktConfig,
  state: FedmmktState,
  env: ServerEnv,
  student: Arrays,
): Promise<Lesson> {
  const { rng } = env;
  const { kept } = state;
  const round = roundOf(state);
  const { set, images, verdict } = round;
  const { prompts, labels } = set;
  // Without anybody who sees pictures there is no verdict, and nothing is accepted.
  const chosen = labels.flatMap((_, i) => (verdict?.accepted.data[i] === 1 ? [i] : []));
  const isRandom = config.selection === "random";
  const draw = rng.fork("selection").permutation(labels.length);
  const rows = isRandom ? [...draw.slice(0, chosen.length)] : chosen;
  const reader = config.selection === "student" ? kept.publicStudent : student;
  const replay = config.replayShare > 0 ? await replayed(reader, env) : [];
  const shared = {
    rank: loraRank,
    steps: config.finetuneSteps,
    batchSize: config.finetuneBatch,
    learningRate: config.finetuneRate,
    seed: rng.fork("finetune").integer(2 ** 31),
  };
  if (config.critics !== "none") {
    const { critic, taught: last } = kept;
    const lesson = await criticsLesson({ round, critic, last, replayed: replay }, env);
    const share = lesson && lesson.samples.captions.length > 0 ? config.replayShare : 1;
    return {
      request: {
        ...shared,
        samples: lesson?.samples ?? { images: takeRows(images, []), captions: [], weights: [] },
        replay: { share, rows: lesson?.replay ?? replay },
      },
      kept: lesson ? { critic: lesson.critic, taught: lesson.taught } : {},
    };
  }
  const weights = rewardWeights(
    rows.map((i) => (isRandom ? 0 : (verdict?.advantages[i] ?? 0))),
    rows.map((i) => labels[i]),
  );
  return {
    request: {
      ...shared,
      samples: {
        images: takeRows(images, rows),
        captions: rows.map((i) => prompts[i]),
        weights: [...weights],
      },
      replay: { share: rows.length === 0 ? 1 : config.replayShare, rows: replay },
    },
    kept: {},
  };
}

/** ω_i = min(e^{A_i/β} / mean of its class, cap) (RAFT/RWR weights, docs/algorithm.md A7). */
export function rewardWeights(
  advantages: ArrayLike<number>,
  labels: ArrayLike<number>,
  beta = 1,
  cap = 5,
): Float64Array {
  const raw = Float64Array.from(advantages, (a) => Math.exp(a / beta));
  return raw.map((value, i) => {
    const same = raw.filter((_, j) => labels[j] === labels[i]);
    return Math.min(value / mean(same), cap);
  });
}

/**
 * Public samples in whose picture the student sees the class that their caption names. A caption that
 * names another class than the picture shows is none the worse to read, so the picture has to decide.
 */
async function replayed(
  student: Arrays,
  { teacher, signal }: ServerEnv,
): Promise<readonly number[]> {
  const { images, labels } = teacher.publicSet;
  const { image } = await teacher.encode({ student, images }, { signal });
  if (!image) throw new Error("the student answers for pictures");
  const logits = rowsOf({ logits: image.logits }, "logits");
  return labels.flatMap((label, row) => (argMax(logits[row]) === label ? [row] : []));
}
