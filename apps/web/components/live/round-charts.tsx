import type { ExperimentView } from "@tandem/protocol/view";
import { useMemo } from "react";
import { formatBytes, formatNumber, formatPercent, formatWholePercent } from "../../lib/format";
import { accuracySeries, bytesSeries, frechetSeries, promptSeries } from "../../lib/series";
import { ChartPanel } from "./chart-panel";

type Props = { readonly view: ExperimentView; readonly usesTeacher: boolean };

const share = { format: formatPercent, axisFormat: formatWholePercent, range: [0, 0.5] } as const;

/** What every round has measured. */
export function RoundCharts({ view, usesTeacher }: Props) {
  const { rounds } = view;
  const axis = useMemo(
    () => ({ rounds: rounds.map(({ round }) => round), planned: view.config.rounds }),
    [rounds, view.config.rounds],
  );
  const series = useMemo(
    () => ({
      accuracy: accuracySeries(rounds),
      bytes: bytesSeries(rounds),
      prompt: promptSeries(rounds),
      frechet: frechetSeries(rounds),
    }),
    [rounds],
  );
  return (
    <div className="grid gap-6 md:grid-cols-2">
      <ChartPanel
        title="Client accuracy"
        description="Mean on the public test, by modality."
        empty="Clients measure themselves at the end of each round."
        series={series.accuracy}
        {...axis}
        {...share}
      />
      <ChartPanel
        title="Bytes per round"
        description="On the wire, control and payloads, all clients together."
        empty="Counted from the first round on."
        series={series.bytes}
        format={formatBytes}
        {...axis}
      />
      {usesTeacher && (
        <>
          <ChartPanel
            title="Teacher follows prompts"
            description="Share of its pictures in which an independent evaluator sees the prompt's class."
            empty="The teacher is scored at the end of each round."
            series={series.prompt}
            {...axis}
            {...share}
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
    </div>
  );
}
