"use client";

import type { RoundResult } from "@tandem/client/messages";
import { formatPercent, formatWholePercent } from "@tandem/core/format";
import { useMemo } from "react";
import { historySeries } from "../../lib/live/series";
import { text } from "../../text/taking-part";
import { ChartPanel } from "../live/chart-panel";

/** How a tab's own model did, round by round, beside chance. */
export function OwnResults({
  history,
  classes,
  planned,
  measured,
}: {
  readonly history: readonly RoundResult[];
  readonly classes: number;
  readonly planned: number;
  /** What it was measured on, where that is known. */
  readonly measured?: string;
}) {
  const rounds = useMemo(() => history.map(({ round }) => round), [history]);
  const series = useMemo(() => historySeries(history, classes), [history, classes]);
  return (
    <ChartPanel
      title={text.curve.title}
      description={text.curve.about(measured, classes)}
      empty={text.curve.empty}
      rounds={rounds}
      series={series}
      planned={planned}
      format={formatPercent}
      axisFormat={formatWholePercent}
      range={[0, 0.5]}
    />
  );
}
