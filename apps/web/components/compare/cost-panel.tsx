"use client";

import {
  formatBytes,
  formatDuration,
  formatPercent,
  formatWholePercent,
} from "@tandem/core/format";
import { useRef } from "react";
import type { Drawn } from "../../lib/compare/drawn";
import type { Figures } from "../../lib/compare/figures";
import { paretoFront } from "../../lib/compare/pareto";
import { scaleOf } from "../../lib/compare/ticks";
import { text } from "../../text/compare";
import { Empty, Panel } from "../ui/panel";
import { useWidth } from "../ui/use-width";

const words = text.cost;

type Props = {
  readonly drawn: readonly Drawn[];
  /** Of each of `drawn` in turn. */
  readonly figures: readonly Figures[];
};

/** What accuracy has cost in bytes and in time. */
export function CostPanel({ drawn, figures }: Props) {
  const points = (cost: "bytes" | "ms") =>
    figures.flatMap((one, i) => {
      const [value, spent] = [one.accuracy?.mean, one[cost]?.mean];
      return value === undefined || spent === undefined
        ? []
        : [{ ...drawn[i], value, cost: spent }];
    });
  return (
    <Panel title={words.title} description={words.note}>
      <div className="grid gap-8 md:grid-cols-2">
        <Scatter axis={words.bytes} points={points("bytes")} format={formatBytes} />
        <Scatter axis={words.time} points={points("ms")} format={formatDuration} />
      </div>
    </Panel>
  );
}

type CostPoint = Drawn & { readonly value: number; readonly cost: number };
type ScatterProps = {
  readonly axis: string;
  readonly points: readonly CostPoint[];
  readonly format: (cost: number) => string;
};

const height = 260;
const margin = { top: 24, right: 28, bottom: 34, left: 48 };

function Scatter({ axis, points, format }: ScatterProps) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const isOn = paretoFront(points);
  const front = points.filter((_, i) => isOn[i]).sort((a, b) => a.cost - b.cost);
  const told = points.map(({ arm, value, cost }) =>
    words.point(arm.name, formatPercent(value), format(cost)),
  );
  return (
    <figure className="min-w-0">
      <figcaption className="mb-2 text-xs text-ink-soft">{axis}</figcaption>
      <div ref={frame} style={{ minHeight: height }}>
        {points.length === 0 ? (
          <Empty title={text.start.waitingTitle} style={{ height }}>
            {words.few}
          </Empty>
        ) : (
          width > 0 && (
            <svg
              role="img"
              aria-label={words.label(axis, told)}
              width={width}
              height={height}
              className="block"
            >
              <Marks points={points} isOn={isOn} front={front} width={width} format={format} />
            </svg>
          )
        )}
      </div>
      {front.length > 0 && (
        <p className="mt-2 text-xs text-ink-soft">
          {words.front(front.map(({ arm, number }) => `${number} ${arm.name}`))}
        </p>
      )}
    </figure>
  );
}

function Marks({
  points,
  isOn,
  front,
  width,
  format,
}: Pick<ScatterProps, "points" | "format"> & {
  readonly isOn: readonly boolean[];
  readonly front: readonly CostPoint[];
  readonly width: number;
}) {
  const [across, up] = [
    scaleOf(
      points.map(({ cost }) => cost),
      { mayBeLog: true },
    ),
    scaleOf(points.map(({ value }) => value)),
  ];
  const x = (cost: number) => margin.left + across.at(cost) * (width - margin.left - margin.right);
  const y = (value: number) =>
    height - margin.bottom - up.at(value) * (height - margin.top - margin.bottom);
  // As many as have room.
  const nth = Math.ceil((across.ticks.length * 88) / (width - margin.left));
  const steps = front.map(({ cost, value }, i) =>
    i === 0 ? `M${x(cost)} ${y(value)}` : `H${x(cost)}V${y(value)}`,
  );
  return (
    <>
      {up.ticks.map((tick) => (
        <g key={tick} className="text-xs">
          <path d={`M${margin.left} ${y(tick)}H${width - margin.right}`} className="stroke-line" />
          <text x={margin.left - 8} y={y(tick) + 4} textAnchor="end" className="fill-ink-faint">
            {formatWholePercent(tick)}
          </text>
        </g>
      ))}
      {across.ticks
        .filter((_, i) => i % nth === 0)
        .map((tick) => (
          <text
            key={tick}
            x={x(tick)}
            y={height - 10}
            textAnchor="middle"
            className="fill-ink-faint text-xs"
          >
            {format(tick)}
          </text>
        ))}
      <path d={steps.join("")} className="fill-none stroke-line-strong" strokeDasharray="3 3" />
      {points.map(({ arm, number, look, value, cost }, i) => (
        <g key={arm.id}>
          <circle
            cx={x(cost)}
            cy={y(value)}
            r={5.5}
            stroke={look.colour}
            strokeWidth={2}
            fill={isOn[i] ? look.colour : "var(--surface)"}
          />
          <text x={x(cost) + 9} y={y(value) - 6} className="fill-ink text-xs">
            {number}
          </text>
        </g>
      ))}
    </>
  );
}
