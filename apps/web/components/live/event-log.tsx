"use client";

import type { ExperimentId } from "@tandem/core/ids";
import {
  type EventKind,
  type EventLogView,
  type EventView,
  eventKinds,
} from "@tandem/protocol/live-view";
import { useState } from "react";
import { useResource } from "../../lib/use-resource";
import { text } from "../../text/experiment";
import { Button } from "../ui/button";
import { Details } from "../ui/details";
import { Segmented } from "../ui/segmented";

type Kind = EventKind | "all";
const kinds = ["all", ...Object.keys(eventKinds)] as readonly Kind[];

/** What has happened, read once somebody opens it and a page at a time. */
export function EventLog({ experiment }: { readonly experiment: ExperimentId }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Details title={text.log.title} isOpen={isOpen} onToggle={setOpen}>
      {isOpen && <Opened experiment={experiment} />}
    </Details>
  );
}

function Opened({ experiment }: { readonly experiment: ExperimentId }) {
  const [kind, setKind] = useState<Kind>("all");
  const [before, setBefore] = useState<number>();
  const query = new URLSearchParams({
    ...(kind !== "all" && { kind }),
    ...(before !== undefined && { before: String(before) }),
  });
  const log = useResource<EventLogView>(`/api/experiments/${experiment}/events?${query}`);
  return (
    <>
      <Segmented
        label={text.log.which}
        value={kind}
        onChange={(next) => {
          setKind(next);
          setBefore(undefined);
        }}
        options={kinds.map((value) => ({ value, text: text.log.kinds[value] }))}
      />
      {log.type === "loading" && (
        <p role="status" className="mt-4 text-sm text-ink-soft">
          {text.log.loading}
        </p>
      )}
      {log.type === "failed" && (
        <p role="alert" className="mt-4 text-sm text-bad">
          {log.message}
        </p>
      )}
      {log.type === "ready" && <Events {...log.value} />}
      <div className="mt-4 flex flex-wrap gap-2">
        {log.type === "ready" && log.value.before !== undefined && (
          <Button disabled={!log.fresh} onClick={() => setBefore(log.value.before)}>
            {text.log.older}
          </Button>
        )}
        <Button
          tone="bare"
          onClick={() => (before === undefined ? log.retry() : setBefore(undefined))}
        >
          {text.log.newer}
        </Button>
      </div>
    </>
  );
}

/** One page at a time, so that a long log is never a long document. */
function Events({ events, before }: EventLogView) {
  if (events.length === 0)
    return (
      <p className="mt-4 text-sm text-ink-soft">
        {before === undefined ? text.log.none : text.log.noneYet}
      </p>
    );
  return (
    <ol aria-label={text.log.list} className="mt-4 text-sm">
      {events.map((event, i) => (
        <li
          key={`${event.at} ${i}`}
          className="flex flex-wrap gap-x-4 border-b border-line py-1.5 last:border-0"
        >
          <time dateTime={new Date(event.at).toISOString()} className="figures w-44 text-ink-faint">
            {timeOf(event)}
          </time>
          <span className="figures w-20 text-ink-faint">
            {event.round !== undefined && text.log.round(event.round)}
          </span>
          <span className={`min-w-0 flex-1 basis-48 break-words ${toneOf(event)}`}>
            {text.event[event.type](event)}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** As everywhere on these pages in UTC, to the second. */
const timeOf = ({ at }: EventView) =>
  `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;

const faults: readonly string[] = eventKinds.faults;
const toneOf = ({ type }: EventView) => (faults.includes(type) ? "text-bad" : "");
