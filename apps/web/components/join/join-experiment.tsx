"use client";

import type { ExperimentStatus } from "@tandem/core/experiment";
import { formatPercent, formatWholePercent } from "@tandem/core/format";
import type { JoiningView, StrategyView } from "@tandem/protocol/view";
import Link from "next/link";
import { useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { clientSentence } from "../../lib/join/client-sentence";
import type { JoinQuery, Wish } from "../../lib/join/join-query";
import {
  type ClientWorker,
  createParticipant,
  isOver,
  neverJoined,
} from "../../lib/join/participant";
import { rememberedIdentity, rememberIdentity } from "../../lib/join/tab-identity";
import { historySeries } from "../../lib/live/series";
import { ChartPanel } from "../live/chart-panel";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";
import { DeviceReport } from "./device-report";
import { JoinForm } from "./join-form";
import { OwnData } from "./own-data";
import { ThisTab } from "./this-tab";
import { useStorage } from "./use-storage";
import { useWakeLock } from "./use-wake-lock";
import { WhatLeaves } from "./what-leaves";

type Props = {
  readonly experiment: {
    readonly id: string;
    readonly status: ExperimentStatus;
    readonly rounds: number;
  };
  readonly strategy: StrategyView;
  readonly joining: JoiningView;
  readonly query: JoinQuery;
};

const notices: Readonly<Partial<Record<ExperimentStatus, string>>> = {
  draft: "The experiment has not started; you can join and wait.",
  paused: "The experiment is paused; you can join and wait.",
  failed: "The experiment has stopped on an error; you can join and wait until it goes on.",
};

const startWorker = (): ClientWorker =>
  new Worker(new URL("../../lib/join/client-worker.ts", import.meta.url), { type: "module" });

export function JoinExperiment({ experiment, strategy, joining, query }: Props) {
  const [participant] = useState(() => createParticipant(startWorker));
  const state = useStore(participant.store);
  const { auto, slot, prefer, ...wish } = query;
  const [latest, setLatest] = useState<Wish>(wish);

  const join = (wanted: Wish) => {
    setLatest(wanted);
    const { origin } = window.location;
    participant.join({
      url: origin,
      wasmPath: `${origin}/tfjs/`,
      experiment: experiment.id,
      identity: rememberedIdentity(experiment.id),
      ...(slot !== undefined && { slot }),
      ...(prefer && { prefer }),
      ...wanted,
    });
  };
  // Once, when the page opens.
  useEffect(() => {
    if (auto) join(wish);
    return participant.dispose;
  }, [participant]);

  const { phase, device, history, identity, assignment, preview } = state;
  useEffect(() => {
    if (identity !== undefined) rememberIdentity(experiment.id, identity);
  }, [experiment.id, identity]);
  const idle = phase === "idle";
  const storage = useStorage(assignment !== undefined);
  const isAwake = useWakeLock(!idle && !isOver(state));
  const sentence = clientSentence(state);
  // People do other things meanwhile; the name of the tab tells them how it is.
  useEffect(() => {
    if (!idle) document.title = `${sentence} · Tandem`;
  }, [idle, sentence]);

  const rounds = useMemo(() => history.map(({ round }) => round), [history]);
  const series = useMemo(() => historySeries(history), [history]);
  const over = experiment.status === "finished";
  return (
    <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="min-w-0 space-y-6">
        {idle && over && (
          <Panel title="This experiment has finished">
            <p className="text-sm text-ink-soft">All rounds are done; nobody can join any more.</p>
            <Button asChild tone="primary" className="mt-5">
              <Link href={`/experiments/${experiment.id}`}>See the results</Link>
            </Button>
          </Panel>
        )}
        {idle && !over && (
          <>
            <WhatLeaves title={strategy.title} disclosure={joining.disclosure} />
            <Panel
              title="Join"
              description={`The tab then computes in the background. Keep it open; you can leave at any time. ${notices[experiment.status] ?? ""}`}
            >
              <JoinForm wish={wish} onJoin={join} />
            </Panel>
          </>
        )}
        {!idle && (
          <>
            <ThisTab
              state={state}
              experiment={experiment.id}
              isAwake={isAwake}
              onLeave={participant.leave}
              onJoinAgain={() => join(latest)}
            />
            {!neverJoined(state) && (
              <ChartPanel
                title="Your model's accuracy"
                description="On the public test, which nobody trains on."
                empty="Measured at the end of each round."
                rounds={rounds}
                series={series}
                planned={experiment.rounds}
                format={formatPercent}
                axisFormat={formatWholePercent}
                range={[0, 0.5]}
              />
            )}
          </>
        )}
        {!idle && <WhatLeaves title={strategy.title} disclosure={joining.disclosure} />}
      </div>
      {!(idle && over) && (
        <div className="min-w-0 space-y-6">
          <Panel
            title="This device"
            description="A short test finds the fastest way to compute that gives right results."
          >
            <DeviceReport report={device.report} probing={phase === "probing"} />
          </Panel>
          <Panel title="Your data">
            <OwnData
              assignment={assignment}
              preview={preview}
              data={state.data}
              storage={storage}
            />
          </Panel>
        </div>
      )}
    </div>
  );
}
