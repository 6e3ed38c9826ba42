import type { Metrics, ServerEnv } from "@tandem/core/strategy";
import type { EvaluateRequest, Evaluation, TaskOptions, TeacherScores } from "@tandem/core/teacher";
import type { Arrays } from "@tandem/core/tensor";
import { rowsByClass } from "../synthetic-set/painted-set";
import type { FedmmktConfig } from "./config";
import { ofBase, type Shown, shownPrompts } from "./shown";
import { isNone } from "./state";

/**
 * The same prompts and noise in every round, so that scores can be compared (docs/algorithm.md A8), and
 * pictures of a teacher that learns be seen.
 */
export function evaluationPrompts(
  config: FedmmktConfig,
  { teacher, classes }: ServerEnv,
): Omit<EvaluateRequest, "adapter"> {
  const { prompts, labels } = teacher.publicSet;
  const byClass = rowsByClass(labels, [...labels.keys()], classes.length).filter(
    (rows) => rows.length > 0,
  );
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
    ...(teacher.abilities.finetune && { show: shownPrompts }),
  };
}

/** Of the base, before the first lesson: what later rounds are compared with. */
export async function scoreBase(
  config: FedmmktConfig,
  env: ServerEnv,
  task: TaskOptions,
): Promise<{ readonly shown: Shown | undefined; readonly metrics: Metrics }> {
  const asked = evaluationPrompts(config, env);
  const { shown, scores } = await env.teacher.evaluate(asked, task);
  return {
    shown: ofBase(asked.prompts, shown),
    metrics: scores ? baseMetrics(scores) : {},
  };
}

function baseMetrics(base: TeacherScores): Metrics {
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
  return metrics;
}

/** Of the adapter. */
export function scoreTeacher(
  config: FedmmktConfig,
  adapter: Arrays,
  env: ServerEnv,
  task: TaskOptions,
): Promise<Evaluation> {
  const asked = evaluationPrompts(config, env);
  return env.teacher.evaluate({ ...asked, ...(!isNone(adapter) && { adapter }) }, task);
}

/** Of a round: each score under `teacher/`, and shares by their part; none where there is no judge. */
export function scoreMetrics(all: TeacherScores | undefined): Metrics {
  if (!all) return {};
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
