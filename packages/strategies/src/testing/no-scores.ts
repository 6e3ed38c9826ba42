import type { TeacherScores } from "@tandem/core/teacher";

/** Of a teacher whose pictures a test does not look at. */
export const noScores: TeacherScores = {
  promptAccuracy: 0,
  realAccuracy: 0,
  secondPromptAccuracy: 0,
  secondRealAccuracy: 0,
  frechet: 0,
  precision: 0,
  recall: 0,
  diversity: 0,
};
