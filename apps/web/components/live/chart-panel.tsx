"use client";

import { useState } from "react";
import type { Series } from "../../lib/live/series";
import { Empty, Panel } from "../ui/panel";
import { Chart } from "./chart";

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
};

/** A chart with its legend, and the same numbers as a table for whoever wants or needs it. */
export function ChartPanel({ title, description, empty, ...chart }: Props) {
  const { rounds, series, planned, format, axisFormat = format, range } = chart;
  const [asTable, setAsTable] = useState(false);
  const [pointed, setPointed] = useState<number>();
  // Beyond the last round there is only the rest of the lines to compare with.
  const hovered = pointed !== undefined && pointed < rounds.length ? pointed : undefined;
  const blank = rounds.length === 0 || series.length === 0;
  return (
    <Panel
      title={title}
      description={description}
      actions={
        !blank && (
          <button
            type="button"
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
            className="py-1 text-xs text-ink-soft underline underline-offset-4 hover:text-ink"
          >
            {asTable ? "Show as chart" : "Show as table"}
          </button>
        )
      }
    >
      {blank ? (
        <Empty title="Nothing measured yet" className="min-h-57">
          {empty}
        </Empty>
      ) : (
        <>
          {!asTable && (
            <>
              <ul
                aria-hidden="true"
                className="mb-3 flex min-h-5 flex-wrap gap-x-4 gap-y-1 text-xs"
              >
                {series.map(({ label, colour, dashed, values }) => (
                  <li key={label} className="flex items-center gap-1.5">
                    <span
                      className={`w-4 border-t-2 ${dashed ? "border-dashed" : ""}`}
                      style={{ borderColor: `var(--${colour})` }}
                    />
                    <span className="text-ink-soft">{label}</span>
                    <span className="figures">
                      {text(hovered === undefined ? latest(values) : values[hovered], format)}
                    </span>
                  </li>
                ))}
              </ul>
              <Chart
                rounds={rounds}
                series={series}
                planned={planned}
                axisFormat={axisFormat}
                {...(range && { range })}
                onHover={setPointed}
              />
            </>
          )}
          <section
            aria-label={`${title}, as numbers`}
            className={asTable ? "h-57 overflow-auto" : "sr-only"}
            {...(asTable && { tabIndex: 0 })}
          >
            <NumbersTable title={title} rounds={rounds} series={series} format={format} />
          </section>
        </>
      )}
    </Panel>
  );
}

const latest = (values: Series["values"]) => values.findLast((value) => value !== null);

const text = (value: number | null | undefined, format: Props["format"]) =>
  value === null || value === undefined ? "–" : format(value);

function NumbersTable({
  title,
  rounds,
  series,
  format,
}: Pick<Props, "title" | "rounds" | "series" | "format">) {
  return (
    <table className="w-full text-left text-sm">
      <caption className="sr-only">{title} by round</caption>
      <thead>
        <tr className="border-b border-line text-xs text-ink-soft">
          <th scope="col" className="py-1.5 font-normal">
            Round
          </th>
          {series.map(({ label }) => (
            <th key={label} scope="col" className="py-1.5 pl-3 text-right font-normal">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="figures">
        {rounds.map((round, i) => (
          <tr key={round} className="border-b border-line last:border-0">
            <th scope="row" className="py-1.5 font-normal">
              {round}
            </th>
            {series.map(({ label, values }) => (
              <td key={label} className="py-1.5 pl-3 text-right">
                {text(values[i], format)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
