import { formatBytes, formatDuration, formatNumber, formatPercent } from "@tandem/core/format";
import { phaseText } from "@tandem/core/phase-text";
import type { ExperimentView, RoundView } from "@tandem/protocol/view";

type Terminal = {
  write(text: string): void;
  readonly live: boolean;
  now(): number;
  /** Of a round that has ended. */
  lineOf(round: RoundView, view: ExperimentView): string;
};

/** Draws views as they come: a line a finished round, and a live line (or a line a phase) between. */
export function createProgress({
  write,
  live,
  now,
  lineOf,
}: Terminal): (view: ExperimentView) => void {
  const ended = new Set<number>();
  let last = "";
  const clear = live ? "\r\x1b[2K" : "";
  return (view) => {
    for (const round of view.rounds) {
      if (round.endedAt === undefined || ended.has(round.round)) continue;
      ended.add(round.round);
      write(`${clear}${lineOf(round, view)}\n`);
    }
    if (view.status !== "running") return;
    const phase = phaseText[view.phase].doing;
    const step = `${view.round}/${view.phase}`;
    if (live) write(`${clear}${phaseLine(view, now())}`);
    else if (step !== last) write(`  round ${view.round}: ${phase}\n`);
    last = step;
  };
}

export function roundLine(round: RoundView, rounds: number): string {
  const { metrics, phases, endedAt = 0, cohort, uploads, bytesUp, bytesDown } = round;
  const accuracy = metrics["accuracy/mean"];
  const deviation = metrics["accuracy/std"];
  const teacher = Object.entries(metrics)
    .filter(([name]) => name.startsWith("teacher/"))
    .map(([name, value]) => `${name.slice("teacher/".length)} ${formatNumber(value)}`);
  return [
    `Round ${round.round} of ${rounds}: ${formatDuration(endedAt - (phases[0]?.at ?? endedAt))}`,
    `${uploads} of ${cohort} clients in`,
    `${formatBytes(bytesUp)} up, ${formatBytes(bytesDown)} down`,
    accuracy === undefined
      ? "accuracy not measured"
      : `accuracy ${formatPercent(accuracy)}${deviation === undefined ? "" : ` (sd ${formatPercent(deviation)})`}`,
    teacher.length > 0 ? `teacher: ${teacher.join(", ")}` : "teacher not scored",
  ].join(" | ");
}

function phaseLine({ round, rounds, phase, progress, clients }: ExperimentView, now: number) {
  const present = clients.filter(({ status }) => !["left", "removed", "away"].includes(status));
  const current = rounds.find((candidate) => candidate.round === round);
  const since = current?.phases[0]?.at;
  const parts = [
    `Round ${round}: ${phaseText[phase].doing}`,
    phase === "collecting"
      ? `${present.filter(({ status }) => status === "done").length} of ${present.length} in`
      : phase === "recruiting"
        ? `${present.length} here`
        : `${Math.round(progress.fraction * 100)} %`,
    current && `${formatBytes(current.bytesUp)} up, ${formatBytes(current.bytesDown)} down`,
    since !== undefined && formatDuration(Math.max(0, now - since)),
  ];
  return parts.filter(Boolean).join(" | ");
}
