"use client";

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
  bytesSeries,
  frechetSeries,
  partSeries,
  promptSeries,
  recallSeries,
  styleSeries,
} from "../../lib/live/series";
import { text } from "../../text/experiment";
import { ChartPanel } from "./chart-panel";

type Props = {
  readonly view: ExperimentView;
  readonly usesTeacher: boolean;
  readonly smoothing: number;
};

/** Of charts whose values are shares, 0-1. */
export const shareScale = {
  format: formatPercent,
  axisFormat: formatWholePercent,
  range: [0, 0.5],
} as const;

export const useRoundAxis = (rounds: readonly RoundView[], planned: number) =>
  useMemo(() => ({ rounds: rounds.map(({ round }) => round), planned }), [rounds, planned]);

/**
 * Whether what is sure to be measured has its frame already: while a round runs, so that nothing moves
 * when it comes. What is empty takes no room otherwise.
 */
export const isExpected = ({ status, round, phase }: ExperimentView): boolean =>
  status === "running" && (round > 1 || (round === 1 && phase !== "recruiting"));

/** What rounds measure beside the clients' accuracy, in the order in which they do. */
export function RoundCharts({ view, usesTeacher, smoothing }: Props) {
  const { rounds } = view;
  const { dataset } = view.config;
  const parts = usesTeacher ? partsOfClients(dataset) : undefined;
  const axis = useRoundAxis(rounds, view.config.rounds);
  const words = text.curves;
  const panels = useMemo(
    () => [
      {
        isSure: true,
        title: words.bytes,
        description: words.bytesText,
        empty: words.bytesLater,
        series: bytesSeries(rounds),
        format: formatBytes,
      },
      {
        isSure: parts !== undefined,
        title: words.style,
        description: words.styleText(listed(parts ?? [], "or")),
        empty: words.teacherLater,
        series: parts ? styleSeries(rounds, dataset) : [],
        ...shareScale,
      },
      {
        isSure: usesTeacher,
        title: words.prompts,
        description: words.promptsText,
        empty: words.teacherLater,
        series: promptSeries(rounds),
        ...shareScale,
      },
      {
        isSure: usesTeacher,
        title: words.frechet,
        description: words.frechetText,
        empty: words.teacherLater,
        series: frechetSeries(rounds),
        format: formatNumber,
      },
    ],
    [rounds, dataset, parts, usesTeacher, words],
  );
  const shown = panels.filter(
    ({ series, isSure }) => series.length > 0 || (isSure && isExpected(view)),
  );
  // Who comes before the first round sends some bytes already, which are not worth a chart.
  const isWaiting = view.status === "running" && !isExpected(view);
  if (shown.length === 0 || isWaiting) return null;
  return (
    <div className="grid gap-6 md:grid-cols-2 md:[&>:last-child:nth-child(odd)]:col-span-2">
      {shown.map(({ isSure: _, ...panel }) => (
        <ChartPanel key={panel.title} {...panel} {...axis} smoothing={smoothing} />
      ))}
    </div>
  );
}

/**
 * What only some data sets and tasks have measured: the last of the page and in the order in which a
 * round measures them, so that none moves anything when it appears.
 */
export function FurtherCharts({ view, smoothing }: Omit<Props, "usesTeacher">) {
  const { rounds } = view;
  const axis = useRoundAxis(rounds, view.config.rounds);
  const words = text.curves;
  const panels = useMemo(
    () => [
      {
        title: words.styles,
        description: words.stylesText,
        series: partSeries(rounds, "teacher/part/"),
      },
      {
        title: words.parts,
        description: words.partsText,
        series: partSeries(rounds, "accuracy/part/"),
      },
      {
        title: words.classes,
        description: words.classesText,
        series: partSeries(rounds, "accuracy/class/"),
      },
      {
        title: words.retrieval,
        description: words.retrievalText,
        series: recallSeries(rounds),
      },
    ],
    [rounds, words],
  );
  const measured = panels.filter(({ series }) => series.length > 0);
  if (measured.length === 0) return null;
  return (
    <div className="grid gap-6 md:grid-cols-2">
      {measured.map((panel) => (
        <ChartPanel key={panel.title} {...panel} {...axis} {...shareScale} smoothing={smoothing} />
      ))}
    </div>
  );
}
