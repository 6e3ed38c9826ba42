import { listed } from "@tandem/core/format";
import type { RoundView } from "@tandem/protocol/view";

const reasons = {
  "teacher/cannotLearn": "it cannot be fine-tuned",
  "critics/silent": "no client with enough pictures of a class answered",
  "critics/undecided":
    "the critics were undecided about which of its pictures look like the clients' own",
} as const;

/** Which rounds have taught the teacher nothing and why, a sentence for each reason; empty where all have. */
export const withoutLesson = (rounds: readonly RoundView[]): string =>
  Object.entries(reasons)
    .flatMap(([metric, reason]) => {
      const missed = rounds.filter(({ metrics }) => metrics[metric] === 1);
      if (missed.length === 0) return [];
      const named = namesOf(missed.map(({ round }) => round));
      return `The teacher learned nothing in ${named}, because ${reason}.`;
    })
    .join(" ");

/** `rounds 1, 2, 4 to 6 and 9`. */
function namesOf(rounds: readonly number[]): string {
  const runs: (readonly [number, number])[] = [];
  for (const round of rounds) {
    const [from, to] = runs.at(-1) ?? [round, round];
    if (to === round - 1) runs.splice(-1, 1, [from, round]);
    else runs.push([round, round]);
  }
  const names = runs.flatMap(([from, to]) =>
    to - from > 1 ? [`${from} to ${to}`] : [...new Set([`${from}`, `${to}`])],
  );
  return `${rounds.length === 1 ? "round" : "rounds"} ${listed(names, "and")}`;
}
