import type { ServerEnv } from "@tandem/core/strategy";
import type { TaskOptions } from "@tandem/core/teacher";
import type { Arrays } from "@tandem/core/tensor";
import { mean } from "../aggregation/rows";
import type { FedmmktConfig } from "./config";
import { lessonOf } from "./lesson";
import { scoreMetrics, scoreTeacher } from "./scoring";
import { withLesson } from "./shown";
import {
  type FedmmktState,
  type FedmmktStep,
  isNone,
  type Kept,
  type Round,
  roundOf,
} from "./state";

const studentEpochs = 2;

/**
 * Distils the knowledge into the student, then fine-tunes the teacher's adapter if it has one and
 * scores it (docs/algorithm.md A6, A7, A8).
 */
export async function teach(
  config: FedmmktConfig,
  state: FedmmktState,
  env: ServerEnv,
): Promise<FedmmktStep> {
  const { kept } = state;
  const round = roundOf(state);
  const stage = (from: number, to: number): TaskOptions => ({
    signal: env.signal,
    progress: (share, note) => env.progress(from + share * (to - from), note),
  });

  // 1. The student learns what the clients know.
  const { student, loss } = await distil({ kept, round }, env, stage(0, 0.2));

  // 2. The teacher learns what their judges have accepted.
  const tuned = await tune(config, { state, student }, env, stage(0.2, 0.7));

  // 3. Its pictures are scored, where there is a judge.
  const { shown, scores } = await scoreTeacher(config, tuned.adapter, env, stage(0.7, 1));
  return {
    state: {
      kept: {
        ...kept,
        ...tuned.kept,
        student,
        adapter: tuned.adapter,
        shown: kept.shown && shown ? withLesson(kept.shown, env.round, shown) : kept.shown,
      },
      // The clients have been told of it.
      round: { ...round, last: { ...round.last, knowledge: undefined } },
    },
    metrics: { "student/loss": loss, ...tuned.metrics, ...scoreMetrics(scores) },
  };
}

function distil(
  { kept, round }: { readonly kept: Kept; readonly round: Round },
  { teacher, rng }: ServerEnv,
  task: TaskOptions,
) {
  const { images, set, knowledge } = round;
  if (!knowledge) throw new Error("nothing has been concluded of the set");
  return teacher.distil(
    {
      student: kept.student,
      knowledge: {
        images,
        captions: set.captions,
        imageTarget: knowledge.image,
        textTarget: knowledge.text,
        probabilities: knowledge.target,
        weights: [...knowledge.confidence.data],
      },
      epochs: studentEpochs,
      learningRate: 1e-3,
      seed: rng.fork("student").integer(2 ** 31),
    },
    task,
  );
}

/** The adapter after the lesson, or as it was where there is none. */
async function tune(
  config: FedmmktConfig,
  { state, student }: { readonly state: FedmmktState; readonly student: Arrays },
  env: ServerEnv,
  task: TaskOptions,
) {
  const { adapter } = state.kept;
  const metrics: Record<string, number> = {};
  if (config.finetuneSteps === 0) return { adapter, metrics, kept: {} };
  if (!env.teacher.abilities.finetune) {
    env.progress(0.7, "this teacher cannot be fine-tuned and stays as it is");
    metrics["teacher/cannotLearn"] = 1;
    return { adapter, metrics, kept: {} };
  }
  const lesson = await lessonOf(config, state, env, student);
  const { request, kept } = lesson;
  if (!request) return { adapter, metrics: lesson.metrics, kept };
  const tuned = await env.teacher.finetune(
    { ...request, ...(!isNone(adapter) && { adapter }) },
    task,
  );
  const last = tuned.losses.slice(-10);
  return {
    adapter: tuned.adapter,
    metrics: { ...lesson.metrics, "teacher/loss": mean(last) },
    kept,
  };
}
