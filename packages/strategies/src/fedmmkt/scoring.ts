import type { JsonObject } from "@tandem/core/json";
import type { TeacherScores } from "@tandem/core/teacher";

/** What the judge says of the base's pictures and of those of the adapter that is in use. */
export type Quality = { readonly base: TeacherScores; readonly current: TeacherScores };

/** From the state's meta; undefined where no lesson is to be undone for quality's sake. */
export const qualityOf = (meta: JsonObject): Quality | undefined =>
  meta.quality as unknown as Quality | undefined; // by `withQuality`

export const withQuality = (meta: JsonObject, quality: Quality | undefined): JsonObject =>
  quality ? { ...meta, quality: quality as unknown as JsonObject } : meta; // plain JSON by its type

/** Of a round: each score under `teacher/`, and shares by their part. */
export function scoreMetrics({
  parts = {},
  realParts = {},
  ...scores
}: TeacherScores): Readonly<Record<string, number>> {
  const named = Object.entries({ "": scores, "part/": parts, "realPart/": realParts });
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
