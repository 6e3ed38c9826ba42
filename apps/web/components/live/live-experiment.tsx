"use client";

import type { ExperimentView } from "@tandem/protocol/view";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { createFeed, follow } from "../../lib/experiment-feed";
import { formatBytes, formatNumber, formatPercent, formatWholePercent } from "../../lib/format";
import { openChannel } from "../../lib/open-channel";
import { accuracySeries, bytesSeries, frechetSeries, promptSeries } from "../../lib/series";
import { Panel } from "../ui/panel";
import { ChartPanel } from "./chart-panel";
import { CohortTable } from "./cohort-table";
import { Gallery } from "./gallery";
import { LiveHeader } from "./live-header";
import { NowPanel } from "./now-panel";
import { RoundTimeline } from "./round-timeline";
import { Settings } from "./settings";
import { StatStrip } from "./stat-strip";

type Props = {
  readonly initial: ExperimentView;
  readonly strategyTitle: string;
  /** How to take part; drawn by the server. */
  readonly joinCard: ReactNode;
};

const share: readonly [number, number] = [0, 1];

export function LiveExperiment({ initial, strategyTitle, joinCard }: Props) {
  const [feed] = useState(() => createFeed(initial));
  useEffect(() => follow(feed, openChannel()), [feed]);
  const { view, connected, refusal } = useStore(feed);
  const rounds = useMemo(() => view.rounds.map(({ round }) => round), [view.rounds]);
  return (
    <div className="space-y-6">
      <LiveHeader
        view={view}
        strategyTitle={strategyTitle}
        connected={connected}
        refusal={refusal}
      />
      <StatStrip view={view} />
      <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <Panel title="Rounds" description="Cobalt is clients' work, marigold the server's.">
          <NowPanel view={view} />
          <hr className="my-6 border-line" />
          <RoundTimeline view={view} />
        </Panel>
        <div className="space-y-6">
          {joinCard}
          <Settings config={view.config} />
        </div>
      </div>
      <Panel title="Clients">
        <CohortTable clients={view.clients} />
      </Panel>
      <div className="grid gap-6 md:grid-cols-2">
        <ChartPanel
          title="Client accuracy"
          description="Mean on the public test, by modality."
          empty="Clients measure themselves at the end of each round."
          rounds={rounds}
          series={accuracySeries(view.rounds)}
          format={formatPercent}
          axisFormat={formatWholePercent}
          range={share}
        />
        <ChartPanel
          title="Bytes per round"
          description="On the wire, control and payloads."
          empty="Counted from the first round on."
          rounds={rounds}
          series={bytesSeries(view.rounds)}
          format={formatBytes}
        />
        <ChartPanel
          title="Teacher follows prompts"
          description="Share of its pictures in which an independent evaluator sees the prompt's class."
          empty="The teacher is scored at the end of each round, if the strategy uses it."
          rounds={rounds}
          series={promptSeries(view.rounds)}
          format={formatPercent}
          axisFormat={formatWholePercent}
          range={share}
        />
        <ChartPanel
          title="Teacher's Fréchet distance"
          description="Of its pictures to real ones; lower is better."
          empty="The teacher is scored at the end of each round, if the strategy uses it."
          rounds={rounds}
          series={frechetSeries(view.rounds)}
          format={formatNumber}
        />
      </div>
      <Gallery view={view} />
    </div>
  );
}
