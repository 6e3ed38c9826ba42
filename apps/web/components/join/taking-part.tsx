"use client";

import type { ClientState } from "@tandem/client/messages";
import { type ReactNode, useEffect } from "react";
import { chosenText } from "../../lib/join/chosen-text";
import { clientSentence } from "../../lib/join/client-sentence";
import { pageRecords } from "../../lib/join/page-records";
import { isActive } from "../../lib/join/phases";
import { ownMeasureText } from "../../lib/measured-on";
import { text } from "../../text/taking-part";
import { Details } from "../ui/details";
import { Panel } from "../ui/panel";
import { DeviceReport } from "./device-report";
import { LeftTab } from "./left-tab";
import { OwnData } from "./own-data";
import { OwnResults } from "./own-results";
import type { StudyPage } from "./study-page";
import { ThisTab } from "./this-tab";
import { useStorage } from "./use-storage";
import { useWakeLock } from "./use-wake-lock";

type Props = {
  readonly study: StudyPage;
  readonly state: ClientState;
  /** What it trains on was brought, not dealt. */
  readonly isOwn: boolean;
  /** Of what is sent and kept. */
  readonly details: ReactNode;
  /** Of what its model can do. */
  readonly model: ReactNode;
  readonly onPause: () => void;
  readonly onResume: () => void;
  /** To have erased what was sent, once it is over. */
  readonly erasure: ReactNode;
  readonly onLeave: (how: { readonly erase: boolean }) => void;
  readonly onJoinAgain: () => void;
};

/** The status on top, then how the own model does, the own data, and the rest for who wants to know. */
export function TakingPart({ study, state, isOwn, details, model, erasure, ...on }: Props) {
  const { assignment, history, phase, device } = state;
  const storage = useStorage(assignment !== undefined);
  const isAwake = useWakeLock(isActive(state));
  const sentence = clientSentence(state);
  // People do other things meanwhile; the name of the tab tells them how it is.
  useEffect(() => {
    document.title = `${sentence} · Tandem`;
  }, [sentence]);
  return (
    <div className="mt-5 grid gap-6 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="min-w-0 space-y-6">
        <ThisTab state={state} experiment={study.id} isOwn={isOwn} isAwake={isAwake} {...on} />
        {model}
        {assignment && (
          <OwnResults
            history={history}
            classes={assignment.classes.length}
            planned={study.rounds}
            measured={ownMeasureText(assignment)}
          />
        )}
        {erasure}
      </div>
      <div className="min-w-0 space-y-6">
        {assignment && (
          <Panel title={text.data.title}>
            <OwnData
              assignment={assignment}
              preview={state.preview}
              data={state.data}
              storage={storage}
              isOwn={isOwn}
              endsWithTab={pageRecords.holds(study.id)}
            />
          </Panel>
        )}
        <Details title={text.device.title}>
          <p className="mb-2 text-sm text-ink-soft">{text.device.text}</p>
          <DeviceReport report={device.report} probing={phase === "probing"} />
          {assignment?.chosen && (
            <p className="mt-3 text-sm text-ink-soft">{chosenText(assignment)}</p>
          )}
        </Details>
        <LeftTab experiment={study.id} />
        {details}
      </div>
    </div>
  );
}
