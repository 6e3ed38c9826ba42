import {
  formatBytes,
  formatNumber,
  formatPercent,
  formatWholePercent,
  listed,
} from "@tandem/core/format";
import { partsOfClients } from "@tandem/datasets/client-parts";
import type { ExperimentView, RoundView } from "@tandem/protocol/view";
import { useMemo } from "react";
import {
  accuracySeries,
  bytesSeries,
  frechetSeries,
  promptSeries,
  styleSeries,
} from "../../lib/live/series";
import { meanText } from "../../lib/measured-on";
import { ChartPanel } from "./chart-panel";

type Props = { readonly view: ExperimentView; readonly usesTeacher: boolean };

/** Of charts whose values are shares, 0-1. */
export const shareScale = {
  format: formatPercent,
  axisFormat: formatWholePercent,
  range: [0, 0.5],
} as const;

export const useRoundAxis = (rounds: readonly RoundView[], planned: number) =>
  useMemo(() => ({ rounds: rounds.map(({ round }) => round), planned }), [rounds, planned]);

/** What every round has measured. */
export function RoundCharts({ view, usesTeacher }: Props) {
  const { rounds } = view;
  const { dataset, references } = view.config;
  const parts = usesTeacher ? partsOfClients(dataset) : undefined;
  const axis = useRoundAxis(rounds, view.config.rounds);
  const series = useMemo(
    () => ({
      accuracy: accuracySeries(rounds, references),
      style: styleSeries(rounds, dataset),
      bytes: bytesSeries(rounds),
      prompt: promptSeries(rounds),
      frechet: frechetSeries(rounds),
    }),
    [rounds, references, dataset],
  );
  return (
    <div className="grid gap-6 md:grid-cols-2 md:[&>:last-child:nth-child(odd)]:col-span-2">
      <ChartPanel
        title="Client accuracy"
        description={`Mean ${meanText[view.measuredOn ?? "public"]}, by modality.`}
        empty="Clients measure themselves at the end of each round."
        series={series.accuracy}
        {...axis}
        {...shareScale}
      />
      {parts && (
        <ChartPanel
          title="Pictures in the participants' style"
          description={`Share of the teacher's pictures that an independent evaluator takes for what the clients hold: ${listed(parts, "or")}.`}
          empty="The teacher is scored at the end of each round."
          series={series.style}
          {...axis}
          {...shareScale}
        />
      )}
      {usesTeacher && (
        <>
          <ChartPanel
            title="Teacher follows prompts"
            description="Share of its pictures in which an independent evaluator sees the prompt's class."
            empty="The teacher is scored at the end of each round."
            series={series.prompt}
            {...axis}
            {...shareScale}
          />
          <ChartPanel
            title="Teacher's Fréchet distance"
            description="Of its pictures to real ones, in the evaluator's features; lower is better."
            empty="The teacher is scored at the end of each round."
            series={series.frechet}
            format={formatNumber}
            {...axis}
          />
        </>
      )}
      <ChartPanel
        title="Bytes per round"
        description="On the wire, control and payloads, all clients together."
        empty="Counted from the first round on."
        series={series.bytes}
        format={formatBytes}
        {...axis}
      />
    </div>
  );
}
