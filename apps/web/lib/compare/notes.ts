import { formatNumber } from "@tandem/core/format";
import type { ExperimentView } from "@tandem/protocol/view";
import { text } from "../../text/compare";
import type { Arm } from "./arms";

const said = text.results;

/** What makes figures of these arms compare less than they seem to, and what they are measured on. */
export function notesOf(arms: readonly Arm[]): readonly string[] {
  const runs = arms.flatMap((arm) => arm.runs);
  const values = <T>(of: (run: ExperimentView) => T) => [...new Set(runs.map(of))];
  const on = values(({ measuredOn }) => measuredOn).filter((one) => one !== undefined);
  const measured = on.length > 1 ? "both" : on.at(0);
  const answers = runs.flatMap(answersOfRound).sort((a, b) => a - b);
  const [fewest = 0, most = 0] = [answers.at(0), answers.at(-1)];
  const unfinished = runs.filter(({ status }) => status !== "finished");
  return [
    ...(values(({ config }) => config.dataset).length > 1 ? [said.otherData] : []),
    ...(values(({ config }) => config.benchmark).length > 1 ? [said.otherBenchmark] : []),
    ...(most > fewest * evenly ? [said.unevenly(rounded(fewest), rounded(most))] : []),
    ...(measured ? [said.measured[measured]] : []),
    ...(unfinished.length > 0 ? [said.unfinished(unfinished.length, runs.length)] : []),
  ];
}

/** Rounds in which a client is missing now and then count as alike. */
const evenly = 1.1;
const rounded = (count: number) => formatNumber(Math.round(count * 10) / 10);

/** Answers that its rounds had on average; none before the first has ended. */
function answersOfRound({ rounds }: ExperimentView): readonly number[] {
  const ended = rounds.filter(({ endedAt }) => endedAt !== undefined);
  if (ended.length === 0) return [];
  return [ended.reduce((sum, { uploads }) => sum + uploads, 0) / ended.length];
}
