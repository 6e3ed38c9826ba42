import type { Rng } from "@tandem/core/rng";
import type { Metrics, ServerEnv } from "@tandem/core/strategy";
import type { FinetuneRequest } from "@tandem/core/teacher";
import { type Arrays, takeRows } from "@tandem/core/tensor";
import { argMax, mean, rowsOf } from "../aggregation/rows";
import type { FedmmktConfig } from "./config";
import { criticsLesson } from "./critics/lesson";
import { type FedmmktState, type Kept, type Round, roundOf } from "./state";

export type Lesson = {
  /** Absent: there is nothing to learn. */
  readonly request?: Omit<FinetuneRequest, "adapter">;
  /** Kept for the next. */
  readonly kept: Partial<Pick<Kept, "critic" | "taught">>;
  readonly metrics: Metrics;
};

/** r. */
const loraRank = 4;

/**
 * What the teacher is fine-tuned on: pictures as the clients' critics would show them or, without critics,
 * accepted pictures by their rewards; and agreed public samples (docs/algorithm.md A7).
 */
export async function lessonOf(
  config: FedmmktConfig,
  state: FedmmktState,
  env: ServerEnv,
  student: Arrays,
): Promise<Lesson> {
  const { kept } = state;
  const round = roundOf(state);
  const reader = config.selection === "student" ? kept.publicStudent : student;
  const agreed = config.replayShare > 0 ? await replayed(reader, env) : [];
  if (config.critics === "none") {
    const samples = acceptedPictures(config, round, env.rng);
    const request = requestOf(config, samples, agreed, env.rng);
    return { ...(request && { request }), kept: {}, metrics: countOf(samples) };
  }
  const { lesson, metrics } = await criticsLesson({ kept, round }, agreed, env);
  if (!lesson) {
    const why =
      "critics/silent" in metrics
        ? "no critic speaks of the teacher's pictures"
        : "the critics do not tell the teacher's pictures apart";
    env.progress(0.7, `${why}: it stays as it is`);
    return { kept: {}, metrics };
  }
  const request = requestOf(config, lesson.samples, lesson.replay, env.rng);
  return {
    ...(request && { request }),
    kept: lesson.kept,
    metrics: { ...metrics, ...countOf(lesson.samples) },
  };
}

type Samples = FinetuneRequest["samples"];
const countOf = ({ captions }: Samples) => ({ "teacher/samples": captions.length });

/** Undefined where there is neither a picture nor a public sample. */
function requestOf(
  config: FedmmktConfig,
  samples: Samples,
  replay: readonly number[],
  rng: Rng,
): Lesson["request"] {
  const count = samples.captions.length;
  if (count + replay.length === 0) return undefined;
  return {
    rank: loraRank,
    samples,
    replay: { share: count === 0 ? 1 : config.replayShare, rows: replay },
    steps: config.finetuneSteps,
    batchSize: config.finetuneBatch,
    learningRate: config.finetuneRate,
    seed: rng.fork("finetune").integer(2 ** 31),
  };
}

/** Pictures that their judges accept; without anybody who sees pictures there is no verdict, and none is. */
function acceptedPictures(
  { selection }: FedmmktConfig,
  { set: { prompts, labels }, images, verdict }: Round,
  rng: Rng,
): Samples {
  const chosen = labels.flatMap((_, i) => (verdict?.accepted.data[i] === 1 ? [i] : []));
  const isRandom = selection === "random";
  const draw = rng.fork("selection").permutation(labels.length);
  const rows = isRandom ? [...draw.slice(0, chosen.length)] : chosen;
  const weights = rewardWeights(
    rows.map((i) => (isRandom ? 0 : (verdict?.advantages[i] ?? 0))),
    rows.map((i) => labels[i]),
  );
  return {
    images: takeRows(images, rows),
    captions: rows.map((i) => prompts[i]),
    weights: [...weights],
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
