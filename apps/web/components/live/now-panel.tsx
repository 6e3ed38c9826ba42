import type { ExperimentView } from "@tandem/protocol/view";
import { formatPercent, plural } from "../../lib/format";
import { phaseText } from "../../lib/phases";
import { ProgressBar } from "../ui/progress-bar";
import { PhaseRail } from "./phase-rail";

/** What happens at this moment, in one sentence and one bar. */
export function NowPanel({ view }: { readonly view: ExperimentView }) {
  const { status, phase, progress } = view;
  const running = status === "running";
  const { side } = phaseText[phase];
  return (
    <div>
      <PhaseRail current={running || status === "paused" ? phase : undefined} />
      <div className="mt-5 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <p aria-live="polite" className="text-lg font-medium">
          {sentence(view)}
        </p>
        {running && progress.note && <p className="text-sm text-ink-soft">{progress.note}</p>}
      </div>
      {running && (
        <ProgressBar
          label={phaseText[phase].doing}
          fraction={fractionOf(view)}
          tone={side === "clients" ? "clients" : "teacher"}
          className="mt-3"
        />
      )}
    </div>
  );
}

function sentence({ status, phase, clients, config, error, round }: ExperimentView): string {
  switch (status) {
    case "draft":
      return "Not started. Start it, then open the join page in some tabs.";
    case "paused":
      return `Paused in round ${round}. Resume it to go on.`;
    case "finished":
      return `Finished after ${plural(round, "round")}.`;
    case "failed":
      return `Failed: ${error ?? "no reason was recorded"}`;
    case "running": {
      const present = clients.filter((c) => c.status !== "away" && c.status !== "left");
      if (phase === "recruiting")
        return `Waiting for clients: ${present.length} here, ${config.minClients} needed`;
      if (phase !== "collecting") return phaseText[phase].doing;
      const done = clients.filter((client) => client.status === "done").length;
      return `${phaseText[phase].doing}: ${done} of ${present.length} done`;
    }
  }
}

function fractionOf({ phase, progress, clients, config }: ExperimentView): number {
  const present = clients.filter((c) => c.status !== "away" && c.status !== "left");
  if (phase === "recruiting") return present.length / config.minClients;
  if (phase !== "collecting") return progress.fraction;
  const shares = present.map((c) => (c.status === "done" ? 1 : (c.fraction ?? 0)));
  return shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length);
}

export const accuracyText = (accuracy: number | undefined): string =>
  accuracy === undefined ? "–" : formatPercent(accuracy);
