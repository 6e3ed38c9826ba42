import type { ServerEnv } from "@tandem/core/strategy";
import type { TaskOptions } from "@tandem/core/teacher";
import type { Arrays } from "@tandem/core/tensor";
import { mean } from "../aggregation/rows";
import type { FedmmktConfig } from "./config";
import { lessonOf } from "./lesson";
import { isFrozen, isTried, rejected, trialOf } from "./options/trial";
import { isWorseThanBase, scoreMetrics, scoreTeacher } from "./scoring";
import {
  type FedmmktState,
  type FedmmktStep,
  isNone,
  type Kept,
  type Round,
  roundOf,
} from "./state";

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
  const { student, loss } = await distil(config, { kept, round }, env, stage(0, 0.2));

  // 2. The teacher learns what their judges have accepted.
  const tuned = await tune(config, { state, student }, env, stage(0.2, 0.7));

  // 3. Its pictures are scored.
  const watched = { adapter: tuned.adapter, latents: kept.latents };
  const task = stage(0.7, config.heldOutShare > 0 ? 0.85 : 1);
  const scores = await scoreTeacher(config, watched, { env, part: "seen", task });

  // 4. The lesson is undone where it made them worse.
  const { quality } = kept;
  const isUndone = tuned.isTaught && quality !== undefined && isWorseThanBase(scores, quality.base);
  const adapter = isUndone ? kept.adapter : tuned.adapter;
  const current = isUndone ? quality.current : scores;
  const heldOut =
    config.heldOutShare > 0 &&
    (await scoreTeacher(
      config,
      { ...watched, adapter },
      { env, part: "heldOut", task: stage(0.85, 1) },
    ));
  return {
    state: {
      kept: {
        ...kept,
        ...tuned.kept,
        student,
        adapter,
        snapshot: config.teacherUpdate === "refl" ? kept.student : {},
        previous: config.abTest ? kept.adapter : {},
        quality: quality && { ...quality, current },
        trial: isTried(config) ? afterLesson(config, kept, { ...tuned, isUndone }) : kept.trial,
      },
      // The clients have been told of it.
      round: { ...round, last: { ...round.last, knowledge: undefined } },
    },
    metrics: {
      "student/loss": loss,
      ...tuned.metrics,
      ...(quality && { "teacher/undone": Number(isUndone) }),
      ...(heldOut && { "teacher/heldOutPromptAccuracy": heldOut.promptAccuracy }),
      ...scoreMetrics(current),
    },
  };
}

function distil(
  { studentEpochs }: FedmmktConfig,
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
  const isStopped = isTried(config) && isFrozen(trialOf(state.kept));
  if (isTried(config)) metrics["trial/frozen"] = Number(isStopped);
  // FedKTL's loop teaches by the noise that pictures begin as.
  const isAsked = config.finetuneSteps > 0 && config.teacherUpdate !== "fedktl-loop" && !isStopped;
  if (!isAsked) return { adapter, metrics, isTaught: false, kept: {} };
  if (!env.teacher.abilities.finetune) {
    env.progress(0.7, "this teacher cannot be fine-tuned and stays as it is");
    metrics["teacher/cannotLearn"] = 1;
    return { adapter, metrics, isTaught: false, kept: {} };
  }
  const { request: lesson, kept } = await lessonOf(config, state, env, student);
  metrics["teacher/samples"] = lesson.samples.captions.length;
  if (lesson.samples.captions.length + lesson.replay.rows.length === 0)
    return { adapter, metrics, isTaught: false, kept };
  const tuned = await env.teacher.finetune(
    { ...lesson, ...(!isNone(adapter) && { adapter }) },
    task,
  );
  const last = tuned.losses.slice(-10);
  metrics["teacher/loss"] = mean(last);
  return { adapter: tuned.adapter, metrics, isTaught: true, kept };
}

/** The A/B test alone accepts where there is one. */
function afterLesson(
  { abTest }: FedmmktConfig,
  kept: Kept,
  { isTaught, isUndone }: { readonly isTaught: boolean; readonly isUndone: boolean },
) {
  const trial = trialOf(kept);
  const isOpen = isTaught && !isUndone;
  const accepted = isOpen && !abTest ? { ...trial, rejections: 0 } : trial;
  return { ...(isUndone ? rejected(trial) : accepted), isOpen };
}
