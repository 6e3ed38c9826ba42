import type { RoundView } from "@tandem/protocol/view";
import { useMemo } from "react";
import { partSeries, recallSeries } from "../../lib/live/series";
import { ChartPanel } from "./chart-panel";
import { shareScale, useRoundAxis } from "./round-charts";

type Props = { readonly rounds: readonly RoundView[]; readonly planned: number };

/**
 * What only some data sets and tasks have measured: the last of the page and in the order in which a
 * round measures them, so that none moves anything when it appears.
 */
export function FurtherCharts({ rounds, planned }: Props) {
  const axis = useRoundAxis(rounds, planned);
  const panels = useMemo(
    () => [
      {
        title: "Styles of the teacher's pictures",
        description: "Share of them that an independent evaluator takes for each style.",
        series: partSeries(rounds, "teacher/part/"),
      },
      {
        title: "Accuracy by part of the test",
        description: "Mean over clients, for each style or language in the public test.",
        series: partSeries(rounds, "accuracy/part/"),
      },
      {
        title: "Retrieval by clients with pairs",
        description:
          "How often a caption finds its picture in the public test, and a picture its caption.",
        series: recallSeries(rounds),
      },
    ],
    [rounds],
  );
  const measured = panels.filter(({ series }) => series.length > 0);
  if (measured.length === 0) return null;
  return (
    <div className="grid gap-6 md:grid-cols-2">
      {measured.map((panel) => (
        <ChartPanel key={panel.title} {...panel} {...axis} {...shareScale} />
      ))}
    </div>
  );
}
