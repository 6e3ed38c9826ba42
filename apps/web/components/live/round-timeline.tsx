"use client";

import { formatDuration } from "@tandem/core/format";
import { phasesShown, phaseText } from "@tandem/core/phase-text";
import type { ExperimentView, RoundView } from "@tandem/protocol/view";
import { useEffect, useRef, useState } from "react";
import { type Segment, type TimelineRow, timeline } from "../../lib/live/timeline";
import { text } from "../../text/experiment";
import { Empty } from "../ui/panel";
import { useNow } from "./use-now";

/** Shades tell a side's phases apart; the legend and the tooltips name them. */
const fills: Readonly<Record<Segment["phase"], string>> = {
  recruiting: "bg-clients/35",
  generating: "bg-teacher",
  publishing: "bg-teacher/40",
  collecting: "bg-clients",
  aggregating: "bg-teacher/60",
  teaching: "bg-teacher/85",
  evaluating: "bg-teacher/30",
};

/** Rows that are given room from the start, so that a new round moves nothing below it. */
const roomFor = 8;
const rowPixels = 32;
/** Rows in sight, and beyond either end so that none is missed while it is scrolled. */
const [inSight, beyond] = [10, 3];

export function RoundTimeline({
  view,
  usesTeacher,
}: {
  readonly view: ExperimentView;
  readonly usesTeacher: boolean;
}) {
  const running = view.status === "running";
  const now = useNow(view.rounds.at(-1)?.phases.at(-1)?.at ?? view.createdAt, running);
  const rows = timeline(view.rounds, now, running);
  const scroller = useRef<HTMLElement>(null);
  const [top, setTop] = useState(() => Math.max(0, rows.length - inSight) * rowPixels);
  const isAtEnd = useRef(true);
  useEffect(() => {
    if (isAtEnd.current) scroller.current?.scrollTo({ top: rows.length * rowPixels });
  }, [rows.length]);
  if (rows.length === 0) return <Empty title={text.rounds.none}>{text.rounds.noneText}</Empty>;
  const first = Math.max(0, Math.floor(top / rowPixels) - beyond);
  return (
    <div>
      <ul aria-hidden="true" className="mb-4 flex flex-wrap gap-x-4 gap-y-1.5">
        {phasesShown(usesTeacher).map((phase) => (
          <li key={phase} className="flex items-center gap-1.5 text-xs text-ink-soft">
            <span className={`size-2.5 rounded-sm ${fills[phase]}`} /> {phaseText[phase].label}
          </li>
        ))}
      </ul>
      <section
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards must be able to scroll it
        tabIndex={0}
        aria-label={text.rounds.list}
        onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
          isAtEnd.current = scrollTop + clientHeight > scrollHeight - rowPixels;
          setTop(scrollTop);
        }}
        className="max-h-80 overflow-y-auto"
        style={{ minHeight: Math.min(view.config.rounds, roomFor) * rowPixels }}
      >
        <ol className="relative" style={{ height: rows.length * rowPixels }}>
          {rows.slice(first, first + inSight + 2 * beyond).map((row, i) => (
            <Row
              key={row.round}
              row={row}
              round={view.rounds[first + i]}
              place={first + i}
              of={rows.length}
            />
          ))}
        </ol>
      </section>
    </div>
  );
}

function Row({
  row,
  round,
  place,
  of,
}: {
  readonly row: TimelineRow;
  readonly round: RoundView;
  readonly place: number;
  readonly of: number;
}) {
  const { cohort, uploads, refused } = round;
  return (
    <li
      aria-posinset={place + 1}
      aria-setsize={of}
      className="absolute inset-x-0 grid h-8 grid-cols-[2rem_minmax(0,1fr)_auto_5rem] items-center gap-3"
      style={{ top: place * rowPixels }}
    >
      <span className="figures text-sm text-ink-soft">
        <span className="sr-only">{text.rounds.round} </span>
        {row.round}
      </span>
      <ol className="flex h-5 gap-px overflow-hidden rounded-sm bg-sunken/60">
        {row.segments.map((segment, i) => (
          <Bar key={i} segment={segment} />
        ))}
      </ol>
      <span className="figures w-16 text-right text-xs text-ink-soft sm:w-28">
        {cohort > 0 && (
          <>
            {text.rounds.ofCohort(uploads, cohort)}{" "}
            <span className="max-sm:sr-only">{text.rounds.answered}</span>
          </>
        )}
        {refused > 0 && <span className="block text-bad">{text.rounds.refused(refused)}</span>}
      </span>
      <span className="figures text-right text-xs text-ink-soft">
        {formatDuration(row.totalMs)}
      </span>
    </li>
  );
}

function Bar({ segment }: { readonly segment: Segment }) {
  const { phase, durationMs, width, running } = segment;
  const said = text.rounds.phase(phaseText[phase].label, formatDuration(durationMs));
  return (
    <li
      title={said}
      className={`h-full min-w-px ${fills[phase]} ${running ? "animate-pulse" : ""}`}
      style={{ width: `${width * 100}%` }}
    >
      <span className="sr-only">{said}</span>
    </li>
  );
}
