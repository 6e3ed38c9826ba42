"use client";

import { memo, useEffect, useRef } from "react";
import uPlot from "uplot";
import type { Point } from "../../lib/compare/curves";
import type { Look } from "../../lib/compare/looks";
import { useTheme } from "../../lib/theme";
import { useWidth } from "../ui/use-width";

export type Line = {
  readonly id: string;
  readonly look: Look;
  readonly points: readonly Point[];
};
type Props = {
  readonly lines: readonly Line[];
  /** Rounds have whole numbers alone. */
  readonly isWhole: boolean;
  readonly formatX: (value: number) => string;
  readonly formatY: (value: number) => string;
  /** The values as measured are drawn too, thin. */
  readonly showRaw: boolean;
  /** Where on the axis the pointer is. */
  readonly onHover: (x: number | undefined) => void;
};

const heightOf = (width: number) => (width < 500 ? 300 : 460);

/** Lines with bands, each at places of its own on the axis. Dragging zooms, a double click shows all. */
export const CurveChart = memo(function CurveChart(props: Props) {
  const { lines, isWhole, formatX, formatY, showRaw, onHover } = props;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const height = heightOf(width);
  const theme = useTheme();

  useEffect(() => {
    if (!frame.current || width === 0) return;
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const axis: uPlot.Axis = {
      stroke: colour("ink-faint"),
      grid: { stroke: colour("line"), width: 1 },
      ticks: { show: false },
      font: `11px ${getComputedStyle(document.body).fontFamily}`,
    };
    const { data, series, bands } = layersOf(lines, showRaw);
    const made = new uPlot(
      {
        width,
        height,
        legend: { show: false },
        cursor: { y: false, points: { show: false }, drag: { x: true, y: false } },
        scales: {
          x: {
            time: false,
            range: (_, low, high) => (high > low ? [low, high] : [low - 1, low + 1]),
          },
          y: {
            range: (_, low, high) => {
              const margin = 0.06 * ((high ?? 1) - (low ?? 0)) || 0.05;
              return [(low ?? 0) - margin, (high ?? 1) + margin];
            },
          },
        },
        axes: [
          {
            ...axis,
            size: 28,
            grid: { show: false },
            space: isWhole ? 40 : 90,
            ...(isWhole && { incrs: [1, 2, 5, 10, 20, 50, 100, 200] }),
            values: (_, values) => values.map(formatX),
          },
          { ...axis, size: 60, space: 32, values: (_, values) => values.map(formatY) },
        ],
        series,
        bands,
        hooks: {
          setCursor: [
            ({ cursor: { left = -1 }, posToVal }) =>
              onHover(left < 0 ? undefined : posToVal(left, "x")),
          ],
        },
      },
      data,
      frame.current,
    );
    return () => made.destroy();
  }, [lines, isWhole, formatX, formatY, showRaw, onHover, theme, width, height]);

  return <div ref={frame} aria-hidden="true" style={{ height }} />;
});

/** Bands below thin lines below lines, of what is pinned last. */
function layersOf(lines: readonly Line[], showRaw: boolean) {
  const tables: uPlot.AlignedData[] = [];
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  const add = (points: readonly Point[], of: (point: Point) => number, look: uPlot.Series) => {
    tables.push([points.map(({ x }) => x), points.map(of)]);
    series.push({ spanGaps: true, points: { show: false }, ...look });
    return series.length - 1;
  };
  for (const { points, look } of lines) {
    const spread = points.flatMap(({ interval, ...point }) =>
      interval ? [{ ...point, interval }] : [],
    );
    if (spread.length === 0) continue;
    const edge = (side: 0 | 1) =>
      add(spread, ({ interval, mean }) => interval?.[side] ?? mean, { stroke: "transparent" });
    bands.push({ series: [edge(1), edge(0)], fill: `${look.colour}24` });
  }
  if (showRaw)
    for (const { points, look } of lines)
      add(points, ({ raw }) => raw, { stroke: `${look.colour}59`, width: 1 });
  for (const { points, look } of lines)
    add(points, ({ mean }) => mean, {
      stroke: look.colour,
      width: look.width,
      dash: [...look.dash],
      // One point makes no line.
      points: { show: points.length <= 2, size: 7, fill: look.colour },
    });
  return { data: uPlot.join(tables), series, bands };
}
