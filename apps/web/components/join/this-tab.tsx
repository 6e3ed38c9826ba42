"use client";

import type { ClientState } from "@tandem/client/messages";
import { LogOut, Pause, Play, RotateCw } from "lucide-react";
import Link from "next/link";
import { type MouseEvent, type ReactNode, useState } from "react";
import { text as erasure } from "../../text/erasure";
import { text } from "../../text/taking-part";
import { Alert } from "../ui/alert";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Panel } from "../ui/panel";
import { ConnectionState } from "./connection-state";
import { Progress } from "./progress";

type Props = {
  readonly state: ClientState;
  readonly experiment: string;
  /** What it trains on was brought, not dealt. */
  readonly isOwn: boolean;
  readonly isAwake: boolean;
  readonly onPause: () => void;
  readonly onResume: () => void;
  readonly onLeave: (how: { readonly erase: boolean }) => void;
  readonly onJoinAgain: () => void;
};

/** What this tab is doing, and the way out. */
export function ThisTab(props: Props) {
  const { state, isAwake } = props;
  const { phase, error, connection, notices } = state;
  return (
    <Panel
      title={text.tab.title}
      description={<ConnectionState state={state} />}
      actions={actionsFor(props)}
    >
      <Progress state={state}>
        {error && (
          <Alert className="mt-4">
            {phase === "waiting" && connection === "online" && text.tab.retries}
            {error.message}
          </Alert>
        )}
        <div role="status">
          {notices.map((notice) => (
            <p key={notice} className="mt-4 rounded-lg bg-sunken px-4 py-3 text-sm break-words">
              {notice}
            </p>
          ))}
        </div>
        {phase === "paused" && <p className="mt-4 text-sm text-ink-soft">{text.tab.paused}</p>}
        {isAwake && <p className="mt-4 text-xs text-ink-soft">{text.tab.awake}</p>}
      </Progress>
    </Panel>
  );
}

/** Not for the second half of a double click, under which another button stands by then. */
const once = (work: () => void) => (event: MouseEvent) => event.detail < 2 && work();

function actionsFor({ state, experiment, isOwn, ...on }: Props): ReactNode {
  const { phase } = state;
  if (phase === "left" || phase === "failed")
    return (
      <Button tone="primary" onClick={on.onJoinAgain}>
        <RotateCw aria-hidden="true" /> {text.tab.again}
      </Button>
    );
  if (phase === "finished")
    return (
      <Button tone="primary" asChild>
        <Link href={`/experiments/${experiment}`}>{text.tab.results}</Link>
      </Button>
    );
  if (phase === "removed")
    return (
      <Button asChild>
        <Link href="/">{text.tab.experiments}</Link>
      </Button>
    );
  return (
    <div className="flex flex-wrap justify-end gap-2">
      {phase === "paused" ? (
        <Button tone="primary" onClick={once(on.onResume)}>
          <Play aria-hidden="true" /> {text.tab.resume}
        </Button>
      ) : (
        <Button onClick={once(on.onPause)}>
          <Pause aria-hidden="true" /> {text.tab.pause}
        </Button>
      )}
      <Leave isOwn={isOwn} onLeave={on.onLeave} />
    </div>
  );
}

function Leave({ isOwn, onLeave }: Pick<Props, "isOwn" | "onLeave">) {
  const [erase, setErase] = useState(false);
  return (
    <Confirm
      title={text.leave.title}
      text={isOwn ? text.leave.ownText : text.leave.text}
      verb={erase ? text.leave.eraseVerb : text.leave.verb}
      onConfirm={() => onLeave({ erase })}
      more={
        <label className="mt-4 flex items-start gap-2 text-sm">
          <input
            type="checkbox"
            checked={erase}
            onChange={({ currentTarget }) => setErase(currentTarget.checked)}
            className="mt-0.5 size-4 shrink-0 accent-clients"
          />
          <span>
            {text.leave.erase}
            <span className="mt-1 block text-ink-soft">{erasure.whatItDoes}</span>
          </span>
        </label>
      }
    >
      <Button>
        <LogOut aria-hidden="true" /> {text.leave.verb}
      </Button>
    </Confirm>
  );
}
