import type { ServerEnv } from "@tandem/core/strategy";
import type { RewardRequest } from "@tandem/core/teacher";
import type { Arrays } from "@tandem/core/tensor";
import type { FedmmktConfig } from "../config";
import { type FedmmktState, isNone, roundOf } from "../state";

/**
 * ReFL's steps, one in four and ten at most, on the prompts of the set, by the student and those of
 * the two rounds before (docs/algorithm.md A12; arXiv 2304.05977). They follow what students see, not
 * the clients.
 */
export async function rewardOf(
  config: FedmmktConfig,
  state: FedmmktState,
  { teacher, signal }: ServerEnv,
  student: Arrays,
): Promise<RewardRequest> {
  const { set, prototypes } = roundOf(state);
  const { prompts, captions, labels } = set;
  const { kept } = state;
  const asked = [student, kept.student, kept.snapshot];
  const students: RewardRequest["students"][number][] = [];
  for (const weights of asked.filter((known) => !isNone(known))) {
    const { text } = await teacher.encode({ student: weights, captions }, { signal });
    if (!text) throw new Error("the student answers for text");
    students.push({ weights, texts: text.z });
  }
  return {
    every: 4,
    atMost: 10,
    scale: config.rewardScale,
    samplingSteps: config.samplingSteps,
    prompts,
    labels,
    students,
    ...(prototypes && { prototypes }),
  };
}
