"use client";

import { formatDuration } from "@tandem/core/format";
import { phasesShown, phaseText } from "@tandem/core/phase-text";
import type { ExperimentView, RoundView } from "@tandem/protocol/view";
import { useEffect, useRef } from "react";
import { type Segment, type TimelineRow, timeline } from "../../lib/live/timeline";
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
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.scrollTo({ top: rows.length * rowPixels });
  }, [rows.length]);
  if (rows.length === 0)
    return <Empty title="No round yet">Rounds appear here with the time of each phase.</Empty>;
  return (
    <div>
      <ul aria-hidden="true" className="mb-4 flex flex-wrap gap-x-4 gap-y-1.5">
        {phasesShown(usesTeacher).map((phase) => (
          <li key={phase} className="flex items-center gap-1.5 text-xs text-ink-soft">
            <span className={`size-2.5 rounded-sm ${fills[phase]}`} /> {phaseText[phase].label}
          </li>
        ))}
      </ul>
      <ol
        ref={list}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards must be able to scroll it
        tabIndex={0}
        aria-label="Rounds"
        className="max-h-80 overflow-y-auto"
        style={{ minHeight: Math.min(view.config.rounds, roomFor) * rowPixels }}
      >
        {rows.map((row, i) => (
          <Row key={row.round} row={row} round={view.rounds[i]} />
        ))}
      </ol>
    </div>
  );
}

const rowPixels = 32;

function Row({ row, round }: { readonly row: TimelineRow; readonly round: RoundView }) {
  const { cohort, uploads, refused } = round;
  return (
    <li className="grid h-8 grid-cols-[1.5rem_minmax(0,1fr)_auto_5rem] items-center gap-3">
      <span className="figures text-sm text-ink-soft">
        <span className="sr-only">Round </span>
        {row.round}
      </span>
      <ol className="flex h-5 gap-px overflow-hidden rounded-sm bg-sunken/60">
        {row.segments.map((segment) => (
          <Bar key={segment.phase} segment={segment} />
        ))}
      </ol>
      <span className="figures w-16 text-right text-xs text-ink-soft sm:w-28">
        {cohort > 0 && (
          <>
            {uploads} of {cohort} <span className="max-sm:sr-only">answered</span>
          </>
        )}
        {refused > 0 && <span className="block text-bad">{refused} refused</span>}
      </span>
      <span className="figures text-right text-xs text-ink-soft">
        {formatDuration(row.totalMs)}
      </span>
    </li>
  );
}

function Bar({ segment }: { readonly segment: Segment }) {
  const { phase, durationMs, width, running } = segment;
  const text = `${phaseText[phase].label}: ${formatDuration(durationMs)}`;
  return (
    <li
      title={text}
      className={`h-full min-w-px ${fills[phase]} ${running ? "animate-pulse" : ""}`}
      style={{ width: `${width * 100}%` }}
    >
      <span className="sr-only">{text}</span>
    </li>
  );
}
