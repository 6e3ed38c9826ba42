import { formatPercent, plural } from "@tandem/core/format";
import { phaseText } from "@tandem/core/phase-text";
import type { ExperimentView } from "@tandem/protocol/view";
import { present } from "../../lib/live/presence";
import { ProgressBar } from "../ui/progress-bar";
import { PhaseRail } from "./phase-rail";

/** What happens at this moment, in one sentence and one bar. Its height never changes. */
export function NowPanel({
  view,
  usesTeacher,
}: {
  readonly view: ExperimentView;
  readonly usesTeacher: boolean;
}) {
  const { status, phase, progress } = view;
  const running = status === "running";
  const { side } = phaseText[phase];
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
      return "Not started. Start it, then open the join page in some tabs.";
    case "paused":
      return `Paused in round ${round}. Resume it to go on.`;
    case "finished":
      return `Finished after ${plural(round, "round")}.`;
    case "failed":
      return error
        ? error.charAt(0).toUpperCase() + error.slice(1)
        : "Failed, and no reason was recorded. Resume to try again.";
    case "running": {
      const here = present(clients).length;
      if (phase === "recruiting")
        return `Waiting for clients: ${here} here, ${clientsNeeded} needed`;
      if (phase !== "collecting") return phaseText[phase].doing;
      const { done, asked } = answers(view);
      return `${phaseText[phase].doing}: ${done} of ${asked} done`;
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
  accuracy === undefined ? "–" : formatPercent(accuracy);
