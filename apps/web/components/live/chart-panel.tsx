"use client";

import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import type { Series } from "../../lib/live/series";
import { steppedZoom } from "../../lib/live/zoom";
import { text } from "../../text/charts";
import { Empty, Panel } from "../ui/panel";
import { Chart, type Zoom } from "./chart";
import { Legend } from "./legend";
import { NumbersTable } from "./numbers-table";

type Props = {
  readonly title: string;
  readonly description: string;
  /** What to say before anything is measured. */
  readonly empty?: string;
  readonly rounds: readonly number[];
  readonly series: readonly Series[];
  readonly planned: number;
  readonly format: (value: number) => string;
  /** Shorter, where `format` gives more digits than an axis needs. */
  readonly axisFormat?: (value: number) => string;
  readonly range?: readonly [number, number];
  readonly smoothing?: number;
  readonly spread?: boolean;
  readonly clients?: readonly Pick<Series, "colour" | "values">[];
  readonly height?: number;
  /** Choices of what this chart shows, beside the one of a table. */
  readonly choices?: ReactNode;
  /** Below the chart. */
  readonly children?: ReactNode;
  readonly className?: string;
};

const usualHeight = 196;

/** A chart with its legend, and the same numbers as a table for whoever wants or needs it. */
export function ChartPanel(props: Props) {
  const { title, description, empty, rounds, series, choices, children, className } = props;
  const [asTable, setAsTable] = useState(false);
  const blank = rounds.length === 0 || series.length === 0;
  const valueText = (value: number | null | undefined) =>
    value === null || value === undefined ? text.none : props.format(value);
  return (
    <Panel
      title={title}
      description={description}
      {...(className !== undefined && { className })}
      actions={
        !blank && (
          <div className="flex flex-wrap justify-end gap-x-4">
            {!asTable && choices}
            <ChartChoice isOn={asTable} onChange={setAsTable}>
              {asTable ? text.asChart : text.asTable}
            </ChartChoice>
          </div>
        )
      }
    >
      {blank ? (
        // As high as the chart with its legend, so that nothing below moves when it comes.
        <Empty title={text.blank} style={{ minHeight: 32 + (props.height ?? usualHeight) }}>
          {empty}
        </Empty>
      ) : asTable ? (
        <NumbersTable {...{ title, rounds, series, valueText }} />
      ) : (
        <Plot {...props} valueText={valueText} />
      )}
      {children && <div className={blank ? "invisible" : ""}>{children}</div>}
    </Panel>
  );
}

/** A choice at the head of a chart. */
export const ChartChoice = ({
  isOn,
  onChange,
  children,
}: {
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly children: ReactNode;
}) => (
  <button
    type="button"
    aria-pressed={isOn}
    onClick={() => onChange(!isOn)}
    className="py-1 text-xs text-ink-soft underline underline-offset-4 hover:text-ink aria-pressed:text-ink aria-pressed:decoration-2"
  >
    {children}
  </button>
);

const latest = (values: Series["values"]) => values.findLast((value) => value !== null);

function Plot(props: Props & { readonly valueText: (value: number | null | undefined) => string }) {
  const { title, rounds, series, planned, format, axisFormat = format, valueText } = props;
  const [pointed, setPointed] = useState<number>();
  const [zoom, setZoom] = useState<Zoom>();
  const help = useId();
  // Beyond the last round there is only the rest of the lines to compare with.
  const hovered = pointed !== undefined && pointed < rounds.length ? pointed : undefined;
  const onKeyDown = (event: KeyboardEvent) => {
    const read = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (read !== undefined)
      setPointed(
        Math.max(
          0,
          Math.min(rounds.length - 1, (hovered ?? rounds.length - (read < 0 ? 0 : 1)) + read),
        ),
      );
    else if (event.key === "Escape") setZoom(undefined);
    else if (event.key === "+" || event.key === "=" || event.key === "-") {
      const around = hovered === undefined ? undefined : rounds[hovered];
      setZoom(steppedZoom({ zoom, planned, around, isIn: event.key !== "-" }));
    } else return;
    event.preventDefault();
  };
  return (
    <>
      <Legend
        title={title}
        series={series}
        shownOf={({ values }) =>
          valueText(hovered === undefined ? latest(values) : values[hovered])
        }
      />
      <section
        aria-label={text.plot(title)}
        aria-describedby={help}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards read and zoom it
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => setPointed(undefined)}
        title={text.drag}
        className="relative rounded-sm"
      >
        <Chart
          {...{ rounds, series, planned, axisFormat, hovered, zoom }}
          {...(props.range && { range: props.range })}
          {...(props.clients && { clients: props.clients })}
          smoothing={props.smoothing ?? 0}
          spread={props.spread ?? false}
          height={props.height ?? usualHeight}
          onHover={setPointed}
          onZoom={setZoom}
        />
        <p id={help} className="sr-only">
          {text.keys}
        </p>
        <p role="status" className="sr-only">
          {hovered !== undefined &&
            `${text.round} ${rounds[hovered]}: ${series.map(({ label, values }) => `${label} ${valueText(values[hovered])}`).join(", ")}`}
        </p>
        {zoom && (
          <p className="absolute top-1 right-1 flex items-center gap-2 rounded-md border border-line bg-surface px-2 py-1 text-xs">
            <span className="figures text-ink-soft">{text.zoomed(...zoom)}</span>
            <button
              type="button"
              onClick={() => setZoom(undefined)}
              className="underline underline-offset-4 hover:text-ink"
            >
              {text.reset}
            </button>
          </p>
        )}
      </section>
    </>
  );
}
