"use client";

import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import type { Series } from "../../lib/live/series";
import { useTheme } from "../../lib/theme";

type Props = {
  readonly rounds: readonly number[];
  readonly series: readonly Series[];
  /** Rounds that the run will have: the axis is that long from the start. */
  readonly planned: number;
  readonly axisFormat: (value: number) => string;
  /** Lowest and highest value to show at least. */
  readonly range?: readonly [number, number];
  /** Index of the round under the pointer. */
  readonly onHover: (index: number | undefined) => void;
};

const height = 196;

/** Lines over rounds on a canvas. The caller gives it a name and a table. */
export function Chart({ rounds, series, planned, axisFormat, range, onHover }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [width, setWidth] = useState(0);
  const theme = useTheme();
  const looks = series.map(({ colour, dashed }) => `${colour}${dashed}`).join();

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // Made anew for other lines or colours only; the next effect brings the values.
  useEffect(() => {
    if (!frame.current || width === 0) return;
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const margin = Math.max(0.3, planned / 40);
    const axis: uPlot.Axis = {
      stroke: colour("ink-faint"),
      grid: { stroke: colour("line"), width: 1 },
      ticks: { show: false },
      font: `11px ${getComputedStyle(document.body).fontFamily}`,
    };
    const made = new uPlot(
      {
        width,
        height,
        legend: { show: false },
        cursor: { y: false, points: { size: 7 } },
        scales: {
          x: { time: false, range: () => [1 - margin, planned + margin] },
          y: {
            range: (_, low, high) => {
              const [from, to] = range ?? [0, 0];
              const [a, b] = [Math.min(from, low ?? from), Math.max(to, (high ?? to) * 1.08)];
              return [a, b > a ? b : a + 1];
            },
          },
        },
        axes: [
          { ...axis, size: 28, grid: { show: false }, incrs: [1, 2, 5, 10, 20, 50, 100] },
          { ...axis, size: 56, space: 24, values: (_, values) => values.map(axisFormat) },
        ],
        series: [
          {},
          ...series.map((line) => ({
            label: line.label,
            stroke: colour(line.colour),
            width: line.colour === "ink" ? 2.5 : 1.75,
            ...(line.dashed && { dash: [4, 4] }),
            points: {
              show: ({ data }: uPlot) => !line.dashed && data[0].length <= 40,
              size: 5,
              fill: colour(line.colour),
            },
            spanGaps: true,
          })),
        ],
        hooks: { setCursor: [({ cursor }) => onHover(cursor.idx ?? undefined)] },
      },
      [[], ...series.map(() => [])] as uPlot.AlignedData,
      frame.current,
    );
    plot.current = made;
    return () => {
      plot.current = undefined;
      made.destroy();
    };
  }, [theme, looks, width, planned]);

  useEffect(() => {
    // What the course is compared with reaches the end of the axis from the first round on.
    const end = rounds.length > 0 && rounds[rounds.length - 1] < planned ? [planned] : [];
    const ended = series.map(({ dashed, values }) => [
      ...values,
      ...end.map(() => (dashed ? (values.findLast((value) => value !== null) ?? null) : null)),
    ]);
    plot.current?.setData([[...rounds, ...end], ...ended] as uPlot.AlignedData);
  }, [rounds, series, theme, looks, width, planned]);

  return <div ref={frame} aria-hidden="true" style={{ height }} />;
}
