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
  const unfinished = runs.filter(({ status }) => status !== "finished");
  return [
    ...(values(({ config }) => config.dataset).length > 1 ? [said.otherData] : []),
    ...(values(({ config }) => config.benchmark).length > 1 ? [said.otherBenchmark] : []),
    ...(measured ? [said.measured[measured]] : []),
    ...(unfinished.length > 0 ? [said.unfinished(unfinished.length, runs.length)] : []),
  ];
}
