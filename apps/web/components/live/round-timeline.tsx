"use client";

import { phases } from "@tandem/core/experiment";
import type { ExperimentView } from "@tandem/protocol/view";
import { formatDuration } from "../../lib/format";
import { phaseText } from "../../lib/phases";
import { type Segment, timeline } from "../../lib/timeline";
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

export function RoundTimeline({ view }: { readonly view: ExperimentView }) {
  const running = view.status === "running";
  const now = useNow(view.rounds.at(-1)?.phases.at(-1)?.at ?? view.createdAt, running);
  const rows = timeline(view.rounds, now, running);
  if (rows.length === 0)
    return <Empty title="No round yet">Rounds appear here with the time of each phase.</Empty>;
  return (
    <div>
      <ul aria-hidden="true" className="mb-4 flex flex-wrap gap-x-4 gap-y-1.5">
        {phases.map((phase) => (
          <li key={phase} className="flex items-center gap-1.5 text-xs text-ink-soft">
            <span className={`size-2.5 rounded-sm ${fills[phase]}`} /> {phaseText[phase].label}
          </li>
        ))}
      </ul>
      <ol className="max-h-96 space-y-2 overflow-y-auto">
        {rows.map(({ round, totalMs, segments }) => (
          <li key={round} className="grid grid-cols-[1.75rem_1fr_4.75rem] items-center gap-2">
            <span className="figures text-sm text-ink-soft">
              <span className="sr-only">Round </span>
              {round}
            </span>
            <ol className="flex h-6 gap-px overflow-hidden rounded-sm bg-sunken/60">
              {segments.map((segment) => (
                <Bar key={segment.phase} segment={segment} />
              ))}
            </ol>
            <span className="figures text-right text-xs text-ink-soft">
              {formatDuration(totalMs)}
            </span>
          </li>
        ))}
      </ol>
    </div>
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
