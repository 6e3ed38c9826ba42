"use client";

import { LogOut, Play } from "lucide-react";
import type { Study } from "../../lib/join/study";
import { back } from "../../text/join-again";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";

/** For whoever has taken part before: one click, and it goes on. */
export function ComeBack({
  study,
  isOwn,
  onContinue,
  onLeave,
}: {
  readonly study: Study;
  /** What it trained on was brought, not dealt. */
  readonly isOwn: boolean;
  readonly onContinue: () => void;
  readonly onLeave: () => void;
}) {
  const last = study.history.at(-1);
  return (
    <Panel title={back.title}>
      <p className="text-sm text-ink-soft">
        {last ? back.reached(study.history.length, last.accuracy, study.classes) : back.noRound}{" "}
        {isOwn ? back.keptOwn : back.kept}
      </p>
      <div className="mt-5 flex flex-wrap gap-2">
        <Button tone="primary" className="min-h-12 px-6 text-base" onClick={onContinue}>
          <Play aria-hidden="true" /> {back.goOn}
        </Button>
        <Button className="min-h-12" onClick={onLeave}>
          <LogOut aria-hidden="true" /> {isOwn ? back.leaveOwn : back.leave}
        </Button>
      </div>
    </Panel>
  );
}
