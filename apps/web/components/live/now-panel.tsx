import { formatPercent } from "@tandem/core/format";
import { phaseText } from "@tandem/core/phase-text";
import type { ExperimentView } from "@tandem/protocol/view";
import { present } from "../../lib/live/presence";
import { text } from "../../text/experiment";
import { ProgressBar } from "../ui/progress-bar";
import { PhaseRail } from "./phase-rail";

/** What happens at this moment, in one sentence and one bar. Its height never changes while it is looked at. */
export function NowPanel({
  view,
  usesTeacher,
  isOver,
}: {
  readonly view: ExperimentView;
  readonly usesTeacher: boolean;
  /** Was over when the page was opened: then there is no bar to come. */
  readonly isOver: boolean;
}) {
  const { status, phase, progress } = view;
  const running = status === "running";
  const { side } = phaseText[phase];
  if (isOver) return <p className="text-lg font-medium">{sentence(view)}</p>;
  return (
    <div>
      <PhaseRail
        current={running || status === "paused" || status === "failed" ? phase : undefined}
        moving={running}
        usesTeacher={usesTeacher}
      />
      <p
        aria-live="polite"
        className={`mt-5 text-lg font-medium ${status === "failed" ? "text-bad" : ""}`}
      >
        {sentence(view)}
      </p>
      <div className="mt-3 h-1.5">
        {(running || status === "paused") && (
          <ProgressBar
            label={phaseText[phase].doing}
            fraction={fractionOf(view)}
            tone={side === "clients" ? "clients" : "teacher"}
          />
        )}
      </div>
      <p className="figures mt-2 h-5 truncate text-sm text-ink-soft">{running && progress.note}</p>
    </div>
  );
}

function sentence(view: ExperimentView): string {
  const { status, phase, clients, clientsNeeded, error, round } = view;
  switch (status) {
    case "draft":
      return text.now.draft;
    case "paused":
      if (view.importedAt !== undefined) return text.now.imported(round);
      return text.now.paused(round);
    case "finished":
      return text.now.finished(round);
    case "failed":
      return error ? error.charAt(0).toUpperCase() + error.slice(1) : text.now.failed;
    case "running": {
      const here = present(clients).length;
      if (phase === "recruiting") return text.now.waiting(here, clientsNeeded);
      if (phase !== "collecting") return phaseText[phase].doing;
      const { done, asked } = answers(view);
      return text.now.answers(phaseText[phase].doing, done, asked);
    }
  }
}

/** How many of the round's cohort have answered. */
function answers({ rounds, clients }: ExperimentView) {
  const done = clients.filter(({ status }) => status === "done").length;
  return { done, asked: Math.max(done, rounds.at(-1)?.cohort ?? 0) };
}

function fractionOf(view: ExperimentView): number {
  const { phase, progress, clients, clientsNeeded } = view;
  if (phase === "recruiting") return present(clients).length / clientsNeeded;
  if (phase !== "collecting") return progress.fraction;
  const { done, asked } = answers(view);
  const working = clients.filter(({ status }) => status === "working");
  const parts = working.reduce((sum, { fraction = 0 }) => sum + fraction, 0);
  return (done + parts) / Math.max(1, asked);
}

export const accuracyText = (accuracy: number | undefined): string =>
  accuracy === undefined ? text.now.unknown : formatPercent(accuracy);
