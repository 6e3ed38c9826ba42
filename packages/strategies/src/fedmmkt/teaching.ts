import type { Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { ServerEnv, ServerStep } from "@tandem/core/strategy";
import type { EvaluateRequest, FinetuneRequest, TaskOptions } from "@tandem/core/teacher";
import { type Arrays, addPrefix, arrayOf, takeRows, underPrefix } from "@tandem/core/tensor";
import { rowsOf } from "../aggregation/rows";
import { argMax, rewardWeights } from "../aggregation/weighted-answers";
import { paintedSet, rowsByClass } from "../synthetic-set/painted-set";
import type { FedmmktConfig } from "./config";
import { classNoise } from "./options/latents";
import { isFrozen, rejected, trialOf, withTrial } from "./options/trial";
import { type PromptRows, splitPrompts } from "./prompts";
import { keptSnapshot, rewardOf } from "./reward";
import { isWorseThanBase, qualityOf, scoreMetrics, withQuality } from "./scoring";

/** The same prompts and noise in every round, so that scores can be compared. */
export function evaluationPrompts(
  config: FedmmktConfig,
  { teacher, classes }: ServerEnv,
  part: keyof PromptRows = "seen",
): Omit<EvaluateRequest, "adapter"> {
  const { prompts, labels } = teacher.publicSet;
  const asked = splitPrompts(teacher.publicSet, config.heldOutShare)[part];
  const byClass = rowsByClass(labels, asked, classes.length).filter((rows) => rows.length > 0);
  const rows = Array.from({ length: config.evaluationItems }, (_, i) => {
    const own = byClass[i % byClass.length];
    return own[Math.floor(i / byClass.length) % own.length];
  });
  return {
    prompts: rows.map((row) => prompts[row]),
    labels: rows.map((row) => labels[row]),
    seed: 20_251_012,
    steps: config.samplingSteps,
    guidance: config.guidance,
  };
}

/** Distils the knowledge into the student, then fine-tunes the teacher's adapter if it has one (A6, A7). */
export async function teach(
  config: FedmmktConfig,
  state: Payload,
  env: ServerEnv,
): Promise<ServerStep> {
  const { teacher, rng, signal } = env;
  const { arrays } = state;
  const { captions } = paintedSet(state);
  const images = arrayOf(arrays, "images", "u8");
  const stage = (from: number, to: number) => ({
    signal,
    progress: (share: number, note: string) => env.progress(from + share * (to - from), note),
  });
  const { student, loss } = await teacher.distil(
    {
      student: underPrefix("student/", arrays),
      knowledge: {
        images,
        captions,
        imageTarget: arrayOf(arrays, "knowledge/image", "f32"),
        textTarget: arrayOf(arrays, "knowledge/text", "f32"),
        probabilities: arrayOf(arrays, "knowledge/target", "f32"),
        weights: [...arrayOf(arrays, "knowledge/confidence", "f32").data],
      },
      epochs: config.studentEpochs,
      learningRate: 1e-3,
      seed: rng.fork("student").integer(2 ** 31),
    },
    stage(0, 0.2),
  );
  const metrics: Record<string, number> = { "student/loss": loss };
  let adapter = underPrefix("adapter/", arrays);
  const trial = trialOf(state.meta);
  const isTried = config.abTest || config.qualityStop;
  const isStopped = isTried && isFrozen(trial);
  if (isTried) metrics["trial/frozen"] = Number(isStopped);
  // FedKTL's loop teaches by the noise that pictures begin as.
  const isTuned = config.teacherUpdate !== "fedktl-loop";
  const isAsked = config.finetuneSteps > 0 && isTuned && !isStopped;
  const isAble = teacher.abilities.finetune;
  if (isAsked && !isAble) {
    env.progress(0.7, "this teacher cannot be fine-tuned and stays as it is");
    metrics["teacher/cannotLearn"] = 1;
  }
  const lesson = isAsked && isAble ? await lessonOf(config, state, env, student) : undefined;
  if (lesson) metrics["teacher/samples"] = lesson.samples.captions.length;
  const before = adapter;
  let isTaught = false;
  if (lesson && lesson.samples.captions.length + lesson.replay.rows.length > 0) {
    isTaught = true;
    const tuned = await teacher.finetune(
      { ...lesson, ...(Object.keys(adapter).length > 0 && { adapter }) },
      stage(0.2, 0.7),
    );
    adapter = tuned.adapter;
    const last = tuned.losses.slice(-10);
    metrics["teacher/loss"] = last.reduce((a, b) => a + b, 0) / last.length;
  }
  const evaluate = (part: keyof PromptRows, task: TaskOptions) => {
    const asked = evaluationPrompts(config, env, part);
    const fresh = createRng(`evaluation/${asked.seed}`);
    const noise = classNoise(config, state, asked.labels, { teacher, rng: fresh });
    const painted = { ...asked, ...(noise && { noise }) };
    return teacher.evaluate(
      { ...painted, ...(Object.keys(adapter).length > 0 && { adapter }) },
      task,
    );
  };
  const scores = await evaluate("seen", stage(0.7, config.heldOutShare > 0 ? 0.85 : 1));
  const quality = qualityOf(state.meta);
  const isUndone = isTaught && quality !== undefined && isWorseThanBase(scores, quality.base);
  if (quality) metrics["teacher/undone"] = Number(isUndone);
  if (isUndone) adapter = before;
  if (config.heldOutShare > 0) {
    const { promptAccuracy } = await evaluate("heldOut", stage(0.85, 1));
    metrics["teacher/heldOutPromptAccuracy"] = promptAccuracy;
  }
  const current = isUndone ? quality.current : scores;
  Object.assign(metrics, scoreMetrics(current));
  const isOld = (name: string) => /^(student|snapshot|adapter|previous|last)\//.test(name);
  const others = Object.entries(arrays).filter(([name]) => !isOld(name));
  const taught: Payload = {
    ...state,
    arrays: {
      ...Object.fromEntries(others),
      ...addPrefix("student/", student),
      ...keptSnapshot(config, state),
      ...addPrefix("adapter/", adapter),
      ...(config.abTest && addPrefix("previous/", before)),
    },
    meta: withQuality(state.meta, quality && { ...quality, current }),
  };
  const isOpen = isTaught && !isUndone;
  // The A/B test alone accepts where there is one.
  const kept = isOpen && !config.abTest ? { ...trial, rejections: 0 } : trial;
  const next = { ...(isUndone ? rejected(trial) : kept), isOpen };
  return { state: isTried ? withTrial(taught, next) : taught, metrics };
}

/** What the teacher is fine-tuned on: accepted pictures by their rewards, and agreed public samples. */
async function lessonOf(
  config: FedmmktConfig,
  state: Payload,
  env: ServerEnv,
  student: Arrays,
): Promise<Omit<FinetuneRequest, "adapter">> {
  const { rng } = env;
  const { prompts, labels } = paintedSet(state);
  // Without anybody who sees pictures there is no verdict, and nothing is accepted.
  const accepted =
    "verdict/accepted" in state.arrays
      ? arrayOf(state.arrays, "verdict/accepted", "u8").data
      : labels.map(() => 0);
  const isRandom = config.selection === "random";
  const chosen = labels.flatMap((_, i) => (accepted[i] === 1 ? [i] : []));
  const draw = rng.fork("selection").permutation(labels.length);
  const rows = isRandom ? [...draw.slice(0, chosen.length)] : chosen;
  const reader =
    config.selection === "student" ? underPrefix("public-student/", state.arrays) : student;
  const taughtPrompts = new Set(splitPrompts(env.teacher.publicSet, config.heldOutShare).seen);
  const replay = config.replayShare > 0 ? await replayed(config, reader, env) : [];
  const advantages = state.meta.advantages as readonly number[];
  const weights = rewardWeights(
    rows.map((i) => (isRandom ? 0 : advantages[i])),
    rows.map((i) => labels[i]),
  );
  return {
    rank: config.loraRank,
    samples: {
      images: takeRows(arrayOf(state.arrays, "images", "u8"), rows),
      captions: rows.map((i) => prompts[i]),
      weights: [...weights],
    },
    replay: {
      share: rows.length === 0 ? 1 : config.replayShare,
      rows: replay.filter((row) => taughtPrompts.has(row)),
    },
    steps: config.finetuneSteps,
    batchSize: config.finetuneBatch,
    learningRate: config.finetuneRate * trialOf(state.meta).rate,
    seed: rng.fork("finetune").integer(2 ** 31),
    ...(config.teacherUpdate === "refl" && {
      reward: await rewardOf(config, state, env, student),
    }),
  };
}

/**
 * Public samples in whose picture the student sees the class that their caption names. A caption that
 * names another class than the picture shows is none the worse to read, so the picture has to decide.
 */
async function replayed(
  { replay }: FedmmktConfig,
  student: Arrays,
  { teacher, signal }: ServerEnv,
): Promise<readonly number[]> {
  const { images, labels } = teacher.publicSet;
  if (replay === "all") return [...labels.keys()];
  const { image } = await teacher.encode({ student, images }, { signal });
  if (!image) throw new Error("the student answers for pictures");
  const logits = rowsOf({ logits: image.logits }, "logits");
  return labels.flatMap((label, row) => (argMax(logits[row]) === label ? [row] : []));
}
