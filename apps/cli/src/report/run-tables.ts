import { formatBytes, formatDuration } from "@tandem/core/format";
import { hundredfold, mean, none, share, signed, spread } from "@tandem/evaluation/sample-text";
import { sampleOf } from "@tandem/evaluation/statistics";
import { markdownTable } from "@tandem/evaluation/tables";
import type { ExperimentFile } from "@tandem/simulation/experiment-file/file";
import type { RunRecord } from "../experiments/record";
import {
  accuracy,
  accuracyOf,
  bytesToTarget,
  clientDifferences,
  differenceTo,
  lateAccuracy,
  perSeed,
  type RunResults,
  sentDown,
  sentUp,
  spreadOfClients,
  timePerRound,
  tolerance,
  traffic,
  worstTenth,
} from "./results";

export function clientTable(
  { baseline: name }: ExperimentFile,
  results: readonly RunResults[],
  baseline: RunResults | undefined,
): string {
  const of = (own: RunResults, measure: (record: RunRecord) => number | undefined) =>
    share(sampleOf(perSeed(own, measure)));
  return markdownTable(
    ["Run", "n", "All", "Image", "Text", "Image and text", "Last 5 rounds", `Against ${name}`],
    results.map((own) => [
      own.run.name,
      String(own.bySeed.size),
      of(own, accuracy),
      ...(["image", "text", "image-text"] as const).map((modality) =>
        of(own, accuracyOf(modality)),
      ),
      of(own, lateAccuracy),
      baseline && own !== baseline ? share(differenceTo(baseline, own), signed) : none,
    ]),
  );
}

export function spreadTable(
  { baseline: name }: ExperimentFile,
  results: readonly RunResults[],
  baseline: RunResults | undefined,
): string {
  const points = 100 * tolerance;
  return markdownTable(
    [
      "Run",
      "Std over clients, %",
      "Worst tenth, %",
      `Against ${name} by client, points`,
      `Over ${points} points below it`,
    ],
    results.map((own) => {
      const pairs = baseline && own !== baseline && clientDifferences(baseline, own);
      return [
        own.run.name,
        share(sampleOf(perSeed(own, spreadOfClients))),
        share(sampleOf(perSeed(own, worstTenth))),
        pairs
          ? `${signed(pairs.interval.difference)} (${signed(pairs.interval.low)} to ${signed(pairs.interval.high)})`
          : none,
        pairs ? `${pairs.worse} of ${pairs.pairs}` : none,
      ];
    }),
  );
}

export function trafficTable(file: ExperimentFile, results: readonly RunResults[]): string {
  const target = results.find(({ run }) => run.name === targetOf(file));
  type Way = (bytes: { readonly up: number; readonly down: number }) => number;
  const ways: Way[] = [({ up }) => up, ({ down }) => down, ({ up, down }) => up + down];
  /** Up, down and both, with what a named target run sends in all rounds. */
  const wholes = ways.map((way) => ({
    way,
    whole: file.targetRun && target && sampleOf(perSeed(target, (record) => way(traffic(record)))),
  }));
  return markdownTable(
    [
      "Run",
      "Up a client and round",
      "Down",
      "To the target, up",
      "Down",
      "Both",
      "Reached",
      "Round: clients",
      "Round: server",
    ],
    results.map((own) => {
      const sample = (measure: (record: RunRecord) => number | undefined) =>
        sampleOf(perSeed(own, measure));
      const spent = target && bytesToTarget(target, own, file);
      const toTarget = ({ way, whole }: (typeof wholes)[number]) => {
        const bytes = sampleOf(
          new Map([...(spent?.reached ?? [])].map(([seed, own]) => [seed, way(own)])),
        );
        if (!bytes || !whole) return mean(bytes, formatBytes);
        return `${formatBytes(bytes.mean)}, ${hundredfold(bytes.mean / whole.mean)} %`;
      };
      return [
        own.run.name,
        spread(sample(sentUp), formatBytes),
        spread(sample(sentDown), formatBytes),
        ...wholes.map(toTarget),
        spent?.seeds ? `${spent.reached.size} of ${spent.seeds}` : none,
        mean(sample(timePerRound("clients")), formatDuration),
        mean(sample(timePerRound("server")), formatDuration),
      ];
    }),
  );
}

/** The run whose last accuracy is the target. */
export const targetOf = ({ targetRun, baseline }: ExperimentFile) => targetRun ?? baseline;
