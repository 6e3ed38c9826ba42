"use client";

import { formatBytes } from "@tandem/core/format";
import type { LocalOnlyView } from "@tandem/protocol/live-view";
import type { ExperimentView, StrategyView, TaskView } from "@tandem/protocol/view";
import Link from "next/link";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { fieldsOf } from "../../lib/form/schema-fields";
import { bytesOf } from "../../lib/live/bytes";
import { createFeed, follow } from "../../lib/live/experiment-feed";
import { openChannel } from "../../lib/live/open-channel";
import { text } from "../../text/experiment";
import { RunLabels } from "../runs/run-labels";
import { AboutTask } from "../tasks/about-task";
import { Panel } from "../ui/panel";
import { AccuracyChart } from "./accuracy-chart";
import { AdapterDownload } from "./adapter-download";
import { CohortTable } from "./cohort-table";
import { EventLog } from "./event-log";
import { ExperimentActions } from "./experiment-actions";
import { Facts } from "./facts";
import { Pictures } from "./gallery";
import { Gone } from "./gone";
import { KeptOut } from "./kept-out";
import { LiveHeader } from "./live-header";
import { NowPanel } from "./now-panel";
import { FurtherCharts, RoundCharts } from "./round-charts";
import { RoundTimeline } from "./round-timeline";
import { Settings } from "./settings";
import { StatStrip } from "./stat-strip";

type Props = {
  readonly initial: ExperimentView;
  readonly strategy: StrategyView;
  /** What it is on, if this server still knows. */
  readonly task: TaskView | undefined;
  /** The same without federation, if that has run. */
  readonly local: LocalOnlyView | undefined;
  /** How to take part; drawn by the server. */
  readonly joinCard: ReactNode;
};

export function LiveExperiment({ initial, strategy, task, local, joinCard }: Props) {
  const [feed] = useState(() => createFeed(initial));
  useEffect(() => follow(feed, openChannel()), [feed]);
  const { view, connection, refusal, isGone } = useStore(feed);
  const fields = useMemo(() => fieldsOf(strategy.schema), [strategy]);
  const [smoothing, setSmoothing] = useState(0);
  // Results first, where there are some; where there are none yet, they come below, so that nothing moves.
  const [resultsFirst] = useState(() =>
    initial.rounds.some(({ metrics }) => metrics["accuracy/mean"] !== undefined),
  );
  const wasOver = initial.status === "finished";
  if (isGone) return <Gone name={view.config.name} />;
  const usesTeacher = strategy.needs.teacher;
  const isHere = view.importedAt === undefined;
  const isOver = view.status === "finished" || !isHere;
  const begun = view.status !== "draft";
  const accuracy = (
    <AccuracyChart view={view} {...{ local, smoothing, onSmoothing: setSmoothing }} />
  );
  const people = <People view={view} isOver={wasOver} />;
  return (
    <div className="space-y-6">
      <LiveHeader
        view={view}
        connection={connection}
        refusal={refusal}
        actions={<ExperimentActions view={view} />}
      >
        <RunLabels view={view} />
      </LiveHeader>
      <Facts
        view={view}
        strategyTitle={strategy.title}
        task={task ? <TaskLink task={task} /> : view.config.dataset}
      />
      {begun && <StatStrip {...{ view, usesTeacher, local }} isOver={wasOver} />}
      <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="min-w-0 space-y-6">
          {resultsFirst && accuracy}
          <Rounds view={view} usesTeacher={usesTeacher} isOver={wasOver} />
        </div>
        <div className="min-w-0 space-y-6">
          {!isOver ? joinCard : !wasOver && isHere && <NoMorePlaces />}
          {task?.data === "own" && <AboutTask task={task.task} />}
          {begun && strategy.adapters && <AdapterDownload view={view} />}
          <Settings
            config={view.config}
            fields={fields}
            isOwn={task?.data === "own"}
            retention={view.retention}
          />
        </div>
      </div>
      {!resultsFirst && (
        <>
          {people}
          {begun && <EventLog experiment={view.id} />}
          {accuracy}
        </>
      )}
      <RoundCharts {...{ view, usesTeacher, smoothing }} />
      <Pictures view={view} />
      <FurtherCharts view={view} smoothing={smoothing} />
      {resultsFirst && (
        <>
          {people}
          <EventLog experiment={view.id} />
        </>
      )}
    </div>
  );
}

const TaskLink = ({ task }: { readonly task: TaskView }) => (
  <Link
    href={`/tasks/${task.id}`}
    className="underline decoration-line-strong underline-offset-4 hover:text-ink"
  >
    {task.name}
  </Link>
);

/** What happens now, and how long each round has taken. */
function Rounds({
  view,
  usesTeacher,
  isOver,
}: {
  readonly view: ExperimentView;
  readonly usesTeacher: boolean;
  readonly isOver: boolean;
}) {
  return (
    <Panel title={text.rounds.title} description={<Sides />}>
      <NowPanel {...{ view, usesTeacher, isOver }} />
      {view.status !== "draft" && (
        <>
          <hr className="my-6 border-line" />
          <RoundTimeline view={view} usesTeacher={usesTeacher} />
        </>
      )}
    </Panel>
  );
}

/** Who takes part, or has; nothing where nobody does and nobody is waited for. */
function People({ view, isOver }: { readonly view: ExperimentView; readonly isOver: boolean }) {
  const isWaiting = view.status === "running";
  if (view.clients.length === 0 && view.keptOut.length === 0 && !isWaiting) return null;
  const { data } = bytesOf(view);
  return (
    <Panel title={text.clients.title}>
      <CohortTable view={view} expected={isOver ? 0 : view.config.minClients} />
      {data > 0 && (
        <p className="mt-3 text-xs text-ink-faint">{text.clients.data(formatBytes(data))}</p>
      )}
      <KeptOut view={view} />
    </Panel>
  );
}

// As high as the card that it replaces, so that the end of the run moves nothing.
const NoMorePlaces = () => (
  <Panel title={text.join.title} className="lg:min-h-75">
    <p className="text-sm text-ink-soft">{text.join.over}</p>
  </Panel>
);

const Sides = () => (
  <span className="flex flex-wrap gap-x-4">
    <Side colour="bg-clients" name={text.rounds.clientsWork} />
    <Side colour="bg-teacher" name={text.rounds.serverWorks} />
  </span>
);

const Side = ({ colour, name }: { readonly colour: string; readonly name: string }) => (
  <span className="inline-flex items-center gap-1.5">
    <span aria-hidden="true" className={`size-2.5 rounded-sm ${colour}`} /> {name}
  </span>
);
