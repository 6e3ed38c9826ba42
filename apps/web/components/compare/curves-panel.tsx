"use client";

import { grouped } from "@tandem/core/grouped";
import { useDeferredValue, useId, useMemo, useState } from "react";
import { courseOf, metricsOf } from "../../lib/compare/courses";
import { curveOf } from "../../lib/compare/curves";
import type { Drawn, DrawnCurve } from "../../lib/compare/drawn";
import { formatOf } from "../../lib/compare/format-metric";
import { axes, type Comparison, mostSmoothing } from "../../lib/compare/query";
import { text } from "../../text/compare";
import { inputLook } from "../form/field-input";
import { Empty, Panel } from "../ui/panel";
import { Segmented } from "../ui/segmented";
import { ArmMark } from "./arm-mark";
import { CurveChart } from "./curve-chart";
import { CurveTable } from "./curve-table";

const words = text.curves;

type Shown = Pick<Comparison, "metric" | "axis" | "smoothing">;
type Props = {
  readonly drawn: readonly Drawn[];
  readonly shown: Shown;
  readonly onChange: (changes: Partial<Shown>) => void;
};

/** One metric of all arms over one another. */
export function CurvesPanel({ drawn, shown, onChange }: Props) {
  const { metric, axis } = shown;
  // The slider moves at once, what is drawn follows.
  const smoothing = useDeferredValue(shown.smoothing);
  const [asTable, setAsTable] = useState(false);
  const [pointed, setPointed] = useState<number>();
  const courses = useMemo(
    () => drawn.map(({ arm }) => arm.runs.map((run) => courseOf(run))),
    [drawn],
  );
  const metrics = useMemo(() => metricsOf(courses.flat()), [courses]);
  const curves = useMemo(
    () =>
      drawn.map((one, i): DrawnCurve => {
        const counts = courses[i].map(
          (course) => course.filter(({ metrics }) => metrics[metric] !== undefined).length,
        );
        const points = curveOf(courses[i], { metric, axis, smoothing });
        return { ...one, points, most: Math.max(...counts) };
      }),
    [drawn, courses, metric, axis, smoothing],
  );
  const measured = curves.filter(({ points }) => points.length > 0);
  const lines = useMemo(
    () =>
      // What is pinned is drawn last, above the others.
      curves
        .filter(({ points }) => points.length > 0)
        .sort((a, b) => Number(a.isPinned) - Number(b.isPinned))
        .map(({ arm, look, points }) => ({ id: arm.id, look, points })),
    [curves],
  );
  const format = formatOf(metric);
  const name = text.metric(metric);
  const formatX = formatOf(axisMetrics[axis]).axis;
  const ends = measured.map(({ arm, points }) =>
    words.at(arm.name, format.value(points[points.length - 1].mean)),
  );
  return (
    <Panel
      title={words.title}
      actions={
        measured.length > 0 && (
          <button
            type="button"
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
            className="py-1 text-xs text-ink-soft underline underline-offset-4 hover:text-ink"
          >
            {asTable ? words.asChart : words.asTable}
          </button>
        )
      }
    >
      <Controls metrics={metrics} shown={shown} onChange={onChange} />
      {measured.length === 0 ? (
        metrics.length === 0 ? (
          <Empty title={text.start.waitingTitle}>{text.start.waiting}</Empty>
        ) : (
          <Empty title={words.notMeasured(name).title}>{words.notMeasured(name).hint}</Empty>
        )
      ) : asTable ? (
        <CurveTable curves={measured} metric={name} format={format.value} />
      ) : (
        <figure aria-label={words.label(name, words.axes[axis], ends)}>
          <Legend curves={measured} format={format.value} pointed={pointed} />
          <CurveChart
            lines={lines}
            isWhole={axis === "round"}
            formatX={formatX}
            formatY={format.axis}
            showRaw={smoothing > 0}
            onHover={setPointed}
          />
        </figure>
      )}
      <Notes curves={curves} shown={shown} />
    </Panel>
  );
}

/** What is written as the axis is. */
const axisMetrics = { round: "round", bytes: "spent/up", time: "spent/ms" } as const;

function Controls({
  metrics,
  shown: { metric, axis, smoothing },
  onChange,
}: Pick<Props, "shown" | "onChange"> & { readonly metrics: readonly string[] }) {
  const id = useId();
  const all = metrics.includes(metric) ? metrics : [metric, ...metrics];
  const groups = grouped(all, (name) => words.groups[name.split("/")[0]] ?? words.otherGroup);
  return (
    <div className="mb-5 flex flex-wrap items-end gap-x-5 gap-y-3">
      <div className="min-w-0 grow basis-56">
        <label htmlFor={`${id}m`} className="mb-1.5 block text-sm font-medium">
          {words.metric}
        </label>
        <select
          id={`${id}m`}
          value={metric}
          onChange={({ target }) => onChange({ metric: target.value })}
          className={`${inputLook} h-10`}
        >
          {[...groups].map(([group, names]) => (
            <optgroup key={group} label={group}>
              {names.map((name) => (
                <option key={name} value={name}>
                  {text.metric(name)}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </div>
      <div>
        <p aria-hidden="true" className="mb-1.5 text-sm font-medium">
          {words.axis}
        </p>
        <Segmented
          label={words.axis}
          value={axis}
          options={axes.map((value) => ({ value, text: words.axes[value] }))}
          onChange={(value) => onChange({ axis: value })}
        />
      </div>
      <div>
        <label htmlFor={`${id}s`} className="mb-1.5 block text-sm font-medium">
          {words.smoothing}
        </label>
        <div className="flex h-10 items-center gap-3">
          <input
            id={`${id}s`}
            type="range"
            min={0}
            max={mostSmoothing}
            step={0.05}
            value={smoothing}
            onChange={({ target }) => onChange({ smoothing: Number(target.value) })}
            className="w-32 accent-clients"
          />
          <output htmlFor={`${id}s`} className="figures w-8 text-sm text-ink-soft">
            {smoothing.toFixed(2)}
          </output>
        </div>
      </div>
    </div>
  );
}

function Legend({
  curves,
  format,
  pointed,
}: {
  readonly curves: readonly DrawnCurve[];
  readonly format: (value: number) => string;
  readonly pointed: number | undefined;
}) {
  return (
    <ul aria-hidden="true" className="mb-3 flex min-h-5 flex-wrap gap-x-5 gap-y-1 text-xs">
      {curves.map(({ arm, number, look, isPinned, points }) => {
        const point =
          pointed === undefined ? points.at(-1) : points.findLast(({ x }) => x <= pointed);
        return (
          <li key={arm.id} className="flex min-w-0 items-center gap-1.5">
            <ArmMark number={number} look={look} />
            <span className={`truncate ${isPinned ? "font-medium text-ink" : "text-ink-soft"}`}>
              {arm.name}
            </span>
            <span className="figures">{point ? format(point.mean) : "–"}</span>
            {point && point.n > 1 && (
              <span className="figures text-ink-faint">{words.seeds(point.n)}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** What somebody should know who reads the lines. */
function Notes({
  curves,
  shown,
}: {
  readonly curves: readonly DrawnCurve[];
  readonly shown: Shown;
}) {
  const missing = curves.filter(({ points }) => points.length === 0);
  const some = curves.length > missing.length;
  const cut = curves.filter(({ points, most }) => points.length > 0 && points.length < most);
  const notes = [
    ...(some ? [words.axisNotes[shown.axis]] : []),
    ...(some && shown.smoothing > 0 ? [words.smoothed] : []),
    ...(curves.some(({ points }) => points.some(({ n }) => n > 1)) ? [words.band] : []),
    ...cut.map(({ arm, points }) => words.fewer(arm.name, points.length, arm.runs.length)),
    ...(some && missing.length > 0 ? [words.missing(missing.map(({ arm }) => arm.name))] : []),
  ];
  return (
    notes.length > 0 && <p className="mt-3 max-w-prose text-xs text-ink-soft">{notes.join(" ")}</p>
  );
}
