import type { Payload } from "@tandem/core/payload";
import type { ServerEnv } from "@tandem/core/strategy";
import type { RewardRequest } from "@tandem/core/teacher";
import { type Arrays, addPrefix, arrayOf, underPrefix } from "@tandem/core/tensor";
import { paintedSet } from "../synthetic-set/painted-set";
import type { FedmmktConfig } from "./config";

/** The student before this round's lesson, to be asked besides the two after it. */
export const keptSnapshot = ({ teacherUpdate }: FedmmktConfig, { arrays }: Payload): Arrays =>
  teacherUpdate === "refl" ? addPrefix("snapshot/", underPrefix("student/", arrays)) : {};

/**
 * ReFL's steps, one in four and ten at most, on the prompts of the set, by the student and those of
 * the two rounds before (algorithm section A7; arXiv 2304.05977). They follow what students see, not
 * the clients.
 */
export async function rewardOf(
  config: FedmmktConfig,
  state: Payload,
  { teacher, signal }: ServerEnv,
  student: Arrays,
): Promise<RewardRequest> {
  const { prompts, captions, labels } = paintedSet(state);
  const kept = ["student/", "snapshot/"].map((prefix) => underPrefix(prefix, state.arrays));
  const asked = [student, ...kept].filter((weights) => Object.keys(weights).length > 0);
  const students: RewardRequest["students"][number][] = [];
  for (const weights of asked) {
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
    ...("prototypes/image" in state.arrays && {
      prototypes: arrayOf(state.arrays, "prototypes/image", "f32"),
    }),
  };
}
