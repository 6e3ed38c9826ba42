import { createRng } from "@tandem/core/rng";
import type { Metrics, ServerEnv } from "@tandem/core/strategy";
import type { EvaluateRequest, TaskOptions, TeacherScores } from "@tandem/core/teacher";
import type { Arrays } from "@tandem/core/tensor";
import { rowsByClass } from "../synthetic-set/painted-set";
import type { FedmmktConfig } from "./config";
import { classNoise } from "./options/latents";
import { type PromptRows, splitPrompts } from "./prompts";
import { isNone } from "./state";

/** The same prompts and noise in every round, so that scores can be compared (docs/algorithm.md A8). */
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

/** Before the first lesson; the metrics that later rounds are compared with. */
export async function scoreBase(
  config: FedmmktConfig,
  env: ServerEnv,
  task: TaskOptions,
): Promise<{ readonly base: TeacherScores; readonly metrics: Metrics }> {
  const base = await env.teacher.evaluate(evaluationPrompts(config, env), task);
  const metrics: Record<string, number> = {
    "teacher/basePromptAccuracy": base.promptAccuracy,
    "teacher/baseSecondPromptAccuracy": base.secondPromptAccuracy,
    "teacher/baseFrechet": base.frechet,
    "teacher/baseRecall": base.recall,
    "teacher/baseDiversity": base.diversity,
  };
  for (const [part, share] of Object.entries(base.parts ?? {}))
    metrics[`teacher/basePart/${part}`] = share;
  for (const [part, share] of Object.entries(base.partAccuracies ?? {}))
    metrics[`teacher/basePartAccuracy/${part}`] = share;
  if (config.heldOutShare > 0) {
    const heldOut = await env.teacher.evaluate(evaluationPrompts(config, env, "heldOut"), task);
    metrics["teacher/baseHeldOutPromptAccuracy"] = heldOut.promptAccuracy;
  }
  return { base, metrics };
}

/** Of the adapter, from the classes' start noise where that is learnt. */
export function scoreTeacher(
  config: FedmmktConfig,
  { adapter, latents }: { readonly adapter: Arrays; readonly latents: Arrays },
  { env, part, task }: { env: ServerEnv; part: keyof PromptRows; task: TaskOptions },
): Promise<TeacherScores> {
  const { teacher } = env;
  const asked = evaluationPrompts(config, env, part);
  const rng = createRng(`evaluation/${asked.seed}`);
  const noise = classNoise(config, latents, asked.labels, { teacher, rng });
  return teacher.evaluate(
    {
      ...asked,
      ...(noise && { noise }),
      ...(!isNone(adapter) && { adapter }),
    },
    task,
  );
}

/** Of a round: each score under `teacher/`, and shares by their part. */
export function scoreMetrics(all: TeacherScores): Metrics {
  const { parts = {}, realParts = {}, partAccuracies = {}, ...scores } = all;
  const named = Object.entries({
    "": scores,
    "part/": parts,
    "realPart/": realParts,
    "partAccuracy/": partAccuracies,
  });
  return Object.fromEntries(
    named.flatMap(([kind, values]) =>
      Object.entries(values).map(([name, value]) => [`teacher/${kind}${name}`, value]),
    ),
  );
}

type Watched = Pick<TeacherScores, "frechet" | "recall">;

/** Farther from real pictures than 1.1 times the base's, or less than 0.9 of its recall. [ours] */
export const isWorseThanBase = (now: Watched, base: Watched): boolean =>
  now.frechet > 1.1 * base.frechet || now.recall < 0.9 * base.recall;
