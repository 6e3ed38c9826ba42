"use client";

import { useEffect, useMemo, useRef } from "react";
import uPlot from "uplot";
import { drawMarks } from "../../lib/live/draw-marks";
import { type Layer, layersOf } from "../../lib/live/layers";
import type { Series } from "../../lib/live/series";
import { useTheme } from "../../lib/theme";
import { useWidth } from "../ui/use-width";

export type Zoom = readonly [from: number, to: number];
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
  /** A round that somebody without a pointer reads. */
  readonly hovered: number | undefined;
  readonly zoom: Zoom | undefined;
  readonly onZoom: (zoom: Zoom | undefined) => void;
  /** 0-1; see `smoothed`. */
  readonly smoothing?: number;
  readonly spread?: boolean;
  readonly clients?: readonly Pick<Series, "colour" | "values">[];
  readonly height: number;
};

const none: NonNullable<Props["clients"]> = [];

/** Lines over rounds on a canvas. The caller gives it a name, keys and a table. */
export function Chart(props: Props) {
  const { rounds, series, planned, hovered, zoom, height } = props;
  const { smoothing = 0, spread = false, clients = none } = props;
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const width = useWidth(frame);
  const theme = useTheme();
  const drawn = useMemo(
    () => layersOf(series, { smoothing, spread, clients }),
    [series, smoothing, spread, clients],
  );
  const looks = JSON.stringify([
    drawn.layers.map(({ kind, colour, dash, mark }) => [kind, colour, dash, mark]),
    drawn.bands,
  ]);

  // Made anew for other lines or colours only; the next effect brings the values.
  useEffect(() => {
    if (!frame.current || width === 0) return;
    const made = new uPlot(
      optionsOf(drawn, { width, height, planned }, latest),
      [[], ...drawn.layers.map(() => [])] as uPlot.AlignedData,
      frame.current,
    );
    plot.current = made;
    return () => {
      plot.current = undefined;
      made.destroy();
    };
  }, [theme, looks, width, height, planned]);

  useEffect(() => {
    // What the course is compared with reaches the end of the axis from the first round on.
    const end = rounds.length > 0 && rounds[rounds.length - 1] < planned ? [planned] : [];
    const ended = drawn.layers.map(({ dash, values }) => [
      ...values,
      ...end.map(() => (dash ? (values.findLast((value) => value !== null) ?? null) : null)),
    ]);
    plot.current?.setData([[...rounds, ...end], ...ended] as uPlot.AlignedData);
  }, [rounds, drawn, theme, looks, width, height, planned, zoom]);

  useEffect(() => {
    const at = plot.current;
    if (!at || at.cursor.idx === hovered) return;
    const left = hovered === undefined ? -10 : at.valToPos(rounds[hovered], "x");
    at.setCursor({ left, top: hovered === undefined ? -10 : 0 });
  }, [hovered, rounds]);

  return (
    <div
      ref={frame}
      aria-hidden="true"
      onDoubleClick={() => props.onZoom(undefined)}
      style={{ height }}
    />
  );
}

type Latest = { readonly current: Props };
type Size = { readonly width: number; readonly height: number; readonly planned: number };

function optionsOf(
  { layers, bands }: ReturnType<typeof layersOf>,
  { width, height, planned }: Size,
  latest: Latest,
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const margin = Math.max(0.3, planned / 40);
  const axis: uPlot.Axis = {
    stroke: colour("ink-faint"),
    grid: { stroke: colour("line"), width: 1 },
    ticks: { show: false },
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
  };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    scales: {
      x: {
        time: false,
        range: () => {
          const [from, to] = latest.current.zoom ?? [1, planned];
          const room = Math.min(margin, Math.max(0.3, (to - from) / 40));
          return [from - room, to + room];
        },
      },
      y: {
        range: (_, low, high) => {
          const [from, to] = latest.current.range ?? [0, 0];
          const [a, b] = [Math.min(from, low ?? from), Math.max(to, (high ?? to) * 1.08)];
          return [a, b > a ? b : a + 1];
        },
      },
    },
    axes: [
      { ...axis, size: 28, grid: { show: false }, incrs: [1, 2, 5, 10, 20, 50, 100, 200] },
      {
        ...axis,
        size: 56,
        space: 24,
        values: (_, values) => values.map((value) => latest.current.axisFormat(value)),
      },
    ],
    series: [{}, ...layers.map((layer) => lineOf(layer, colour(layer.colour)))],
    bands: bands.map((band) => ({
      series: [band.high + 1, band.low + 1],
      fill: `${colour(band.colour)}26`,
    })),
    hooks: {
      draw: [
        (plot) => {
          for (const [i, { mark, colour: name }] of layers.entries())
            if (mark) drawMarks(plot, { at: i + 1, mark, colour: colour(name) });
        },
      ],
      setCursor: [({ cursor }) => latest.current.onHover(cursor.idx ?? undefined)],
      setSelect: [
        (plot) => {
          const { left, width: wide } = plot.select;
          if (wide < 6) return;
          const [from, to] = [left, left + wide].map((at) => Math.round(plot.posToVal(at, "x")));
          plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          if (to > from) latest.current.onZoom([Math.max(1, from), Math.min(planned, to)]);
        },
      ],
    },
  };
}

const widths = { line: 1.75, faint: 1.25, edge: 0, client: 1 } as const;
const alphas = { line: 1, faint: 0.3, edge: 1, client: 0.28 } as const;

const lineOf = ({ kind, colour: name, dash }: Layer, colour: string): uPlot.Series => ({
  stroke: kind === "edge" ? "transparent" : colour,
  width: kind === "line" && name === "ink" ? 2.5 : widths[kind],
  alpha: alphas[kind],
  ...(dash && { dash: [...dash] }),
  points: { show: false },
  spanGaps: kind !== "edge",
});
