"use client";

import { formatPercent, plural } from "@tandem/core/format";
import { LogOut, Play } from "lucide-react";
import type { Study } from "../../lib/join/study";
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
    <Panel title="You were in this study">
      <p className="text-sm text-ink-soft">
        {last
          ? `Your model took part in ${plural(study.history.length, "round")} and reached ${formatPercent(last.accuracy)} (chance ${formatPercent(1 / study.classes)}).`
          : "Your tab had a place, and has not finished a round yet."}{" "}
        What it has learned and its data are kept in this browser
        {isOwn ? "; if you leave, your data stay until you delete them" : ""}.
      </p>
      <div className="mt-5 flex flex-wrap gap-2">
        <Button tone="primary" className="min-h-12 px-6 text-base" onClick={onContinue}>
          <Play aria-hidden="true" /> Continue
        </Button>
        <Button className="min-h-12" onClick={onLeave}>
          <LogOut aria-hidden="true" /> Leave and remove {isOwn ? "the model" : "it"}
        </Button>
      </div>
    </Panel>
  );
}
