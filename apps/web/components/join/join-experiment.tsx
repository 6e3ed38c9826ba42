"use client";

import type { ExperimentStatus } from "@tandem/core/experiment";
import type { StrategyView } from "@tandem/protocol/view";
import { LogOut, RotateCw } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { formatPercent, formatWholePercent } from "../../lib/format";
import type { JoinQuery, Wish } from "../../lib/join-query";
import { type ClientWorker, createParticipant } from "../../lib/participant";
import { historySeries } from "../../lib/series";
import { ChartPanel } from "../live/chart-panel";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";
import { ConnectionState } from "./connection-state";
import { DeviceReport } from "./device-report";
import { JoinForm } from "./join-form";
import { OwnData } from "./own-data";
import { Progress } from "./progress";
import { WhatLeaves } from "./what-leaves";

type Props = {
  readonly experiment: { readonly id: string; readonly status: ExperimentStatus };
  readonly strategy: StrategyView;
  readonly query: JoinQuery;
};

const startWorker = (): ClientWorker =>
  new Worker(new URL("../../lib/client-worker.ts", import.meta.url), { type: "module" });

export function JoinExperiment({ experiment, strategy, query }: Props) {
  const [participant] = useState(() => createParticipant(startWorker));
  const state = useStore(participant.store);
  const { auto, ...wish } = query;
  const [latest, setLatest] = useState<Wish>(wish);

  const join = (wanted: Wish) => {
    setLatest(wanted);
    const { origin } = window.location;
    const { slot, prefer } = query;
    participant.join({
      url: origin,
      wasmPath: `${origin}/tfjs/`,
      experiment: experiment.id,
      ...(slot !== undefined && { slot }),
      ...(prefer && { prefer }),
      ...wanted,
    });
  };
  // Once, when the page opens.
  useEffect(() => {
    if (auto) join({ ...(wish.name && { name: wish.name }), ...modalityOf(wish) });
    return participant.dispose;
  }, [participant]);

  const { phase, device, history, assignment, preview } = state;
  const rounds = useMemo(() => history.map(({ round }) => round), [history]);
  const series = useMemo(() => historySeries(history), [history]);
  const idle = phase === "idle";
  const ended = phase === "finished" || phase === "left" || phase === "failed";
  return (
    <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="min-w-0 space-y-6">
        {idle && <WhatLeaves strategy={strategy} />}
        {idle && experiment.status === "finished" && (
          <Panel title="This experiment has finished">
            <p className="text-sm text-ink-soft">Nobody can join it any more.</p>
          </Panel>
        )}
        {idle && experiment.status !== "finished" && (
          <Panel
            title="Join"
            description="Training runs in the background of this tab. You can leave at any time."
          >
            <JoinForm wish={wish} onJoin={join} />
          </Panel>
        )}
        {!idle && (
          <Panel
            title="This tab"
            description={<ConnectionState state={state} />}
            actions={
              ended ? (
                phase !== "finished" && (
                  <Button onClick={() => join(latest)}>
                    <RotateCw aria-hidden="true" /> Join again
                  </Button>
                )
              ) : (
                <Button onClick={participant.leave}>
                  <LogOut aria-hidden="true" /> Leave
                </Button>
              )
            }
          >
            <Progress state={state} />
            {state.error && (
              <p role="alert" className="mt-5 text-sm font-medium text-bad">
                {state.error.message}
              </p>
            )}
          </Panel>
        )}
        {!idle && (
          <ChartPanel
            title="Your model's accuracy"
            description="On the public test, which nobody trains on."
            empty="Measured at the end of each round."
            rounds={rounds}
            series={series}
            format={formatPercent}
            axisFormat={formatWholePercent}
            range={[0, 1]}
          />
        )}
        {!idle && <WhatLeaves strategy={strategy} />}
      </div>
      <div className="min-w-0 space-y-6">
        <Panel title="Your data">
          <OwnData assignment={assignment} preview={preview} data={state.data} />
        </Panel>
        <Panel title="This device">
          {device.report.length > 0 ? (
            <DeviceReport report={device.report} />
          ) : (
            <p className="text-sm text-ink-soft">
              When you join, a short test finds the fastest way to compute that gives right results.
            </p>
          )}
        </Panel>
      </div>
    </div>
  );
}

const modalityOf = ({ modality }: Wish): Wish => (modality ? { modality } : {});
