"use client";

import type { ExperimentView, StrategyView, TaskView } from "@tandem/protocol/view";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { fieldsOf } from "../../lib/form/schema-fields";
import { createFeed, follow } from "../../lib/live/experiment-feed";
import { openChannel } from "../../lib/live/open-channel";
import { AboutTask } from "../tasks/about-task";
import { Panel } from "../ui/panel";
import { AdapterDownload } from "./adapter-download";
import { CohortTable } from "./cohort-table";
import { FurtherCharts } from "./further-charts";
import { Gallery } from "./gallery";
import { KeptOut } from "./kept-out";
import { Lessons } from "./lessons";
import { LiveHeader } from "./live-header";
import { NowPanel } from "./now-panel";
import { RoundCharts } from "./round-charts";
import { RoundTimeline } from "./round-timeline";
import { Settings } from "./settings";
import { StatStrip } from "./stat-strip";

type Props = {
  readonly initial: ExperimentView;
  readonly strategy: StrategyView;
  /** What it is on, if this server still knows. */
  readonly task: TaskView | undefined;
  /** How to take part; drawn by the server. */
  readonly joinCard: ReactNode;
};

export function LiveExperiment({ initial, strategy, task, joinCard }: Props) {
  const [feed] = useState(() => createFeed(initial));
  useEffect(() => follow(feed, openChannel()), [feed]);
  const { view, connection, refusal } = useStore(feed);
  const fields = useMemo(() => fieldsOf(strategy.schema), [strategy]);
  const usesTeacher = strategy.needs.teacher;
  const begun = view.status !== "draft";
  return (
    <div className="space-y-6">
      <LiveHeader
        view={view}
        strategyTitle={strategy.title}
        task={task}
        connection={connection}
        refusal={refusal}
      />
      <StatStrip view={view} usesTeacher={usesTeacher} />
      <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <Panel title="Rounds" description={<Sides />}>
          <NowPanel view={view} usesTeacher={usesTeacher} />
          {begun && (
            <>
              <hr className="my-6 border-line" />
              <RoundTimeline view={view} usesTeacher={usesTeacher} />
            </>
          )}
        </Panel>
        <div className="space-y-6">
          {view.status === "finished" ? <NoMorePlaces /> : joinCard}
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
      <Panel title="Clients">
        <CohortTable view={view} expected={view.config.minClients} />
        <KeptOut view={view} />
      </Panel>
      {begun && <RoundCharts view={view} usesTeacher={usesTeacher} />}
      {begun && strategy.adapters && <Lessons view={view} />}
      {begun && usesTeacher && <Gallery view={view} />}
      {begun && <FurtherCharts rounds={view.rounds} planned={view.config.rounds} />}
    </div>
  );
}

const Sides = () => (
  <span className="flex flex-wrap gap-x-4">
    <Side colour="bg-clients" text="Clients at work" />
    <Side colour="bg-teacher" text="Server at work" />
  </span>
);

const Side = ({ colour, text }: { readonly colour: string; readonly text: string }) => (
  <span className="inline-flex items-center gap-1.5">
    <span aria-hidden="true" className={`size-2.5 rounded-sm ${colour}`} /> {text}
  </span>
);

// As high as the card that it replaces, so that the end of the run moves nothing.
const NoMorePlaces = () => (
  <Panel title="Take part" className="lg:min-h-75">
    <p className="text-sm text-ink-soft">
      All rounds are done, so nobody can join any more. Create a new experiment to go on.
    </p>
  </Panel>
);
