"use client";

import type { ClientState } from "@tandem/client/messages";
import { LogOut, RotateCw } from "lucide-react";
import Link from "next/link";
import { Button } from "../ui/button";
import { Confirm } from "../ui/confirm";
import { Panel } from "../ui/panel";
import { ConnectionState } from "./connection-state";
import { Progress } from "./progress";

type Props = {
  readonly state: ClientState;
  readonly experiment: string;
  readonly isAwake: boolean;
  readonly onLeave: () => void;
  readonly onJoinAgain: () => void;
};

/** What this tab is doing, and the way out. */
export function ThisTab({ state, experiment, isAwake, onLeave, onJoinAgain }: Props) {
  const { phase, error, connection, notices } = state;
  const again = phase === "left" || phase === "failed";
  return (
    <Panel
      title="This tab"
      description={<ConnectionState state={state} />}
      actions={
        again ? (
          <Button tone="primary" onClick={onJoinAgain}>
            <RotateCw aria-hidden="true" /> Join again
          </Button>
        ) : phase === "finished" ? (
          <Button tone="primary" asChild>
            <Link href={`/experiments/${experiment}`}>See the results</Link>
          </Button>
        ) : (
          <Confirm
            title="Leave the experiment?"
            text="The round goes on without this tab, and what its model has learned is forgotten. You can join again while there are rounds to come."
            verb="Leave"
            onConfirm={onLeave}
          >
            <Button>
              <LogOut aria-hidden="true" /> Leave
            </Button>
          </Confirm>
        )
      }
    >
      <Progress state={state}>
        {error && (
          <p role="alert" className="mt-4 rounded-lg bg-bad-soft px-4 py-3 text-sm text-bad">
            {phase === "waiting" &&
              connection === "online" &&
              "This tab could not finish a round, and tries again in the next. "}
            {error.message}
          </p>
        )}
        <div role="status">
          {notices.map((notice) => (
            <p key={notice} className="mt-4 rounded-lg bg-sunken px-4 py-3 text-sm break-words">
              {notice}
            </p>
          ))}
        </div>
        {isAwake && (
          <p className="mt-4 text-xs text-ink-soft">
            The screen stays on while this tab takes part.
          </p>
        )}
      </Progress>
    </Panel>
  );
}
