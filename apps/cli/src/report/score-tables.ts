import { hundredfold, hundredth, none, oneDecimal, spread } from "@tandem/evaluation/sample-text";
import { sampleOf } from "@tandem/evaluation/statistics";
import { markdownTable } from "@tandem/evaluation/tables";
import type { RunRecord } from "../experiments/record";
import { firstOf, lastOf, perSeed, type RunResults } from "./results";

/** Of the runs whose test set has parts. */
export const accuracyByPart = (results: readonly RunResults[]) =>
  partTable(results, {
    title: "Clients: accuracy by part of the test set, %",
    prefix: "accuracy/part/",
    cell: (own, part) =>
      spread(sampleOf(perSeed(own, lastOf(`accuracy/part/${part}`))), hundredfold),
  });

/** Of the runs whose data set has a judge of parts. */
export const sharesOfTeacher = (results: readonly RunResults[]) =>
  partTable(results, {
    title: "Teacher: share of its pictures that a judge takes for each part, % (of the real ones)",
    prefix: "teacher/part/",
    cell: (own, part) => {
      const real = spread(sampleOf(perSeed(own, lastOf(`teacher/realPart/${part}`))), hundredfold);
      return `${course(own, [`teacher/basePart/${part}`, `teacher/part/${part}`], hundredfold)} (${real})`;
    },
  });

/** Of the runs whose pairs learn which caption belongs to which picture. */
export function retrievalTable(results: readonly RunResults[]): readonly string[] {
  const told = results.filter((own) => perSeed(own, lastOf("retrieval/rsum")).size > 0);
  if (told.length === 0) return [];
  const ways = [
    ["text-to-image", "Picture of a caption"],
    ["image-to-text", "Caption of a picture"],
  ];
  const ranks = [1, 5, 10];
  return [
    "**Clients with pairs: retrieval in the test set, recall at k, %**\n",
    markdownTable(
      ["Run", ...ways.flatMap(([, name]) => ranks.map((k) => `${name}, ${k}`)), "Sum"],
      told.map((own) => {
        const last = (metric: string, format: (value: number) => string) =>
          spread(sampleOf(perSeed(own, lastOf(`retrieval/${metric}`))), format);
        return [
          own.run.name,
          ...ways.flatMap(([way]) => ranks.map((k) => last(`${way}/r${k}`, hundredfold))),
          last("rsum", oneDecimal),
        ];
      }),
    ),
  ];
}

/** Of the runs that teach the teacher, from before the first round to after the last. */
export function teacherTable(results: readonly RunResults[]): readonly string[] {
  const taught = results.filter((own) => perSeed(own, lastOf("teacher/promptAccuracy")).size > 0);
  if (taught.length === 0) return [];
  return [
    "**Teacher**\n",
    markdownTable(
      [
        "Run",
        "Prompt accuracy, %",
        "By the second judge",
        "Fréchet distance",
        "Recall, %",
        "Diversity",
      ],
      taught.map((own) => {
        const score = (name: string, format: (value: number) => string) => {
          const base = `teacher/base${name[0].toUpperCase()}${name.slice(1)}`;
          return course(own, [base, `teacher/${name}`], format);
        };
        return [
          own.run.name,
          score("promptAccuracy", hundredfold),
          score("secondPromptAccuracy", hundredfold),
          score("frechet", oneDecimal),
          score("recall", hundredfold),
          score("diversity", hundredth),
        ];
      }),
    ),
  ];
}

/** Of the runs that tell something by part, such as styles. */
function partTable(
  results: readonly RunResults[],
  {
    title,
    prefix,
    cell,
  }: {
    readonly title: string;
    readonly prefix: string;
    readonly cell: (own: RunResults, part: string) => string;
  },
): readonly string[] {
  const told = results.filter((own) => namesAfter(prefix, own).length > 0);
  const parts = [...new Set(told.flatMap((own) => namesAfter(prefix, own)))].sort();
  if (parts.length === 0) return [];
  return [
    `**${title}**\n`,
    markdownTable(
      ["Run", ...parts],
      told.map((own) => [own.run.name, ...parts.map((part) => cell(own, part))]),
    ),
  ];
}

/** From before the first round to after the last. */
function course(
  own: RunResults,
  [before, after]: readonly [string, string],
  format: (value: number) => string,
): string {
  const told = (measure: (record: RunRecord) => number | undefined) =>
    spread(sampleOf(perSeed(own, measure)), format);
  const end = told(lastOf(after));
  return end === none ? none : `${told(firstOf(before))} → ${end}`;
}

/** What metrics of a run's last round have after the prefix. */
const namesAfter = (prefix: string, { bySeed }: RunResults): readonly string[] =>
  [...bySeed.values()].flatMap(({ rounds }) =>
    Object.keys(rounds.at(-1)?.metrics ?? {}).flatMap((name) =>
      name.startsWith(prefix) ? [name.slice(prefix.length)] : [],
    ),
  );
